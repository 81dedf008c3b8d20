// A day's work with the version 2 client of jira.js against the simulated Data
// Center, signed in by personal access token.
import { Version2Client } from 'jira.js';

const [host, accessToken] = process.argv.slice(2);
const jira = new Version2Client({ host, authentication: { oauth2: { accessToken } }, baseRequestConfig: { headers: { 'X-ExperimentalApi': 'true' } } });
const out = {};

out.me = (await jira.myself.getCurrentUser()).name;
out.deployment = (await jira.serverInfo.getServerInfo()).deploymentType;
const made = await jira.issues.createIssue({ fields: { project: { key: 'SEC' }, issuetype: { id: '10002' }, summary: 'one', description: 'h1. *words*', assignee: { name: 'robin' } } });
await jira.issues.editIssue({ issueIdOrKey: made.key, fields: { summary: 'one, edited' } });
await jira.issueComments.addComment({ issueIdOrKey: made.key, comment: '_a remark_' });
const steps = await jira.issues.getTransitions({ issueIdOrKey: made.key });
await jira.issues.doTransition({ issueIdOrKey: made.key, transition: { id: steps.transitions[0].id } });
const one = await jira.issues.getIssue({ issueIdOrKey: made.key });
out.one = { summary: one.fields.summary, description: one.fields.description, status: one.fields.status.name, assignee: one.fields.assignee.name };
const found = await jira.issueSearch.searchForIssuesUsingJqlPost({ jql: 'project = SEC', fields: ['summary'], startAt: 0, maxResults: 5 });
out.found = { total: found.total, keys: found.issues.map((i) => i.key) };

console.log(JSON.stringify(out));
