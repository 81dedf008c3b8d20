// A day's work with jira.js against the simulated Jira Cloud. It prints what it
// found, one JSON document, for the test to judge.
import { Version3Client } from 'jira.js';

const [host, email, apiToken] = process.argv.slice(2);
const jira = new Version3Client({ host, strictGDPR: true, authentication: { basic: { email, apiToken } } });
const out = {};

out.me = (await jira.myself.getCurrentUser()).displayName;
out.deployment = (await jira.serverInfo.getServerInfo()).deploymentType;
out.rights = (await jira.permissions.getMyPermissions({ permissions: 'CREATE_ISSUES,ADMINISTER' })).permissions;
out.projects = (await jira.projects.searchProjects({ orderBy: 'key' })).values.map((p) => p.key);
const types = await jira.issues.getCreateIssueMetaIssueTypes({ projectIdOrKey: 'SEC' });
const task = types.issueTypes.find((t) => t.name === 'Task').id;
out.fields = (await jira.issues.getCreateIssueMetaIssueTypeId({ projectIdOrKey: 'SEC', issueTypeId: task })).fields.length;

const fields = (summary) => ({ project: { key: 'SEC' }, issuetype: { id: task }, summary, labels: ['security'] });
const made = await jira.issues.createIssue({
  fields: { ...fields('one'), description: 'plain words', priority: { id: '2' } },
  properties: [{ key: 'mark', value: { n: 1 } }],
});
const bulk = await jira.issues.createIssues({ issueUpdates: [{ fields: fields('two') }, { fields: fields('') }, { fields: fields('three') }] });
out.bulk = { made: bulk.issues.map((i) => i.key), failed: bulk.errors.map((e) => e.failedElementNumber) };

await jira.issues.editIssue({ issueIdOrKey: made.key, fields: { summary: 'one, edited' }, update: { labels: [{ add: 'extra' }] } });
await jira.issueComments.addComment({ issueIdOrKey: made.key, comment: 'a remark' });
const steps = await jira.issues.getTransitions({ issueIdOrKey: made.key });
await jira.issues.doTransition({ issueIdOrKey: made.key, transition: { id: steps.transitions[0].id } });
const one = await jira.issues.getIssue({ issueIdOrKey: made.key, fields: ['summary', 'status', 'labels', 'comment'], properties: ['mark'] });
out.one = { summary: one.fields.summary, status: one.fields.status.name, labels: one.fields.labels, comments: one.fields.comment.total, mark: one.properties.mark };

out.found = [];
let nextPageToken;
do {
  const page = await jira.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost({ jql: 'project = SEC ORDER BY key ASC', fields: ['summary'], maxResults: 2, nextPageToken });
  out.found.push(...page.issues.map((i) => i.key));
  nextPageToken = page.nextPageToken;
} while (nextPageToken);
out.got = (await jira.issueSearch.searchForIssuesUsingJqlEnhancedSearch({ jql: 'labels = extra', fields: ['summary'] })).issues.map((i) => i.fields.summary);
out.fetched = (await jira.issues.bulkFetchIssues({ issueIdsOrKeys: ['SEC-3', 'SEC-99', made.id], fields: ['summary'] })).issues.map((i) => i.key);
out.people = (await jira.userSearch.findAssignableUsers({ project: 'SEC', query: 'robin' })).map((u) => u.displayName);

const refusal = async (work) => { try { await work(); return null; } catch (e) { return { status: e.status ?? e.response?.status, body: e.response?.data ?? e.response ?? e.cause?.response?.data ?? String(e) }; } };
out.offScreen = await refusal(() => jira.issues.createIssue({ fields: { ...fields('x'), customfield_10053: 'x' } }));
out.unbounded = await refusal(() => jira.issueSearch.searchForIssuesUsingJqlEnhancedSearchPost({ jql: '' }));
await jira.issues.deleteIssue({ issueIdOrKey: 'SEC-3' }).catch((e) => { out.mayNotDelete = e.status ?? e.response?.status; });

console.log(JSON.stringify(out));
