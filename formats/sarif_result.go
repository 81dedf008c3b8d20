package formats

import (
	"strconv"
	"strings"

	"example.com/vexdesk/model"
)

// sarifResult is what is kept of a result.
type sarifResult struct {
	ruleID                   string
	ruleIndex, ruleComponent int
	level                    string
	score                    *float64
	message, messageID       string
	arguments                []string
	locations                []sarifLocation
	// names are those of logical locations; module is the one that the last
	// frame of a code flow is in.
	names          []string
	module         string
	suppressed     bool
	suppressReason string
	absent         bool
	properties     map[string]string
}

// sarifLocation is a file, by address or by index, and a line.
type sarifLocation struct {
	uri, line string
	index     int
}

// sarifRule is what is kept of a rule.
type sarifRule struct {
	id, title, description, url, level string
	score                              *float64
	ratings                            []model.Rating
	aliases                            []string
	messages                           map[string]string
}

// readSARIFRule reads a rule (SARIF, 3.49).
func readSARIFRule(v value) *sarifRule {
	r := &sarifRule{id: v.field("id").text(), url: v.field("helpUri").text()}
	full, help := messageText(v.field("fullDescription")), v.field("help")
	r.title = messageText(v.field("shortDescription"))
	if r.title == "" {
		r.title, _, _ = strings.Cut(full, "\n")
	}
	r.level = v.field("defaultConfiguration").field("level").text()
	advice := help.field("markdown").text()
	if advice == "" {
		advice = help.field("text").text()
	}
	if r.description = full; len(full) < len(r.title)+40 && advice != full {
		r.description = strings.Join(nonEmpty(full, advice), "\n\n") // some tools have it all there
	}
	properties := v.field("properties")
	r.score = properties.field("security-severity").number()
	// Vectors as Trivy writes them.
	r.ratings = appendRating(r.ratings, "", "CVSSv3", properties.field("cvssv3_vector").text(), properties.field("cvssv3_baseScore").number())
	r.ratings = appendRating(r.ratings, "", "CVSSv2", properties.field("cvssv2_vector").text(), properties.field("cvssv2_score").number())
	for _, tag := range properties.field("tags").texts() {
		if isCVE(tag) || isGHSA(tag) {
			r.aliases = append(r.aliases, tag)
		}
	}
	if ids, _, ok := strings.Cut(strings.TrimPrefix(full, "("), ")"); ok && strings.HasPrefix(full, "(CVE-") { // Snyk
		r.aliases = append(r.aliases, strings.Split(ids, ", ")...)
	}
	for name, each := range v.field("messageStrings").fields() {
		if r.messages == nil {
			r.messages = make(map[string]string)
		}
		r.messages[string(name)] = messageText(each)
	}
	return r
}

// messageText is the text of a message or multiformatMessageString.
func messageText(v value) string { return v.field("text").text() }

// say fills the placeholders {0}, {1} of a rule's message (SARIF, 3.11.5).
func (r *sarifRule) say(id string, arguments []string) string {
	text := r.messages[id]
	for i, argument := range arguments {
		text = strings.ReplaceAll(text, "{"+strconv.Itoa(i)+"}", argument)
	}
	return text
}

// readResult reads a result (SARIF, 3.27).
func (s *sarif) readResult(v value) *sarifResult {
	r := &sarifResult{ruleIndex: -1, ruleComponent: driver}
	for name, each := range v.fields() {
		switch string(name) {
		case "ruleId":
			r.ruleID = s.text(each)
		case "ruleIndex":
			r.ruleIndex = index(each)
		case "rule":
			r.readRule(each)
		case "level":
			r.level = each.text()
		case "message":
			r.message, r.messageID, r.arguments = messageText(each), each.field("id").text(), each.field("arguments").texts()
		case "locations":
			for l := range each.items() {
				r.readLocation(l)
			}
		case "codeFlows":
			r.module = lastModule(each)
		case "suppressions":
			r.readSuppressions(each)
		case "kind":
			r.absent = r.absent || each.text() == "pass" || each.text() == "notApplicable"
		case "baselineState":
			r.absent = r.absent || each.text() == "absent"
		case "properties":
			r.score = each.field("security-severity").number()
			r.properties = make(map[string]string)
			for p, text := range each.fields() {
				r.properties[string(p)] = text.text()
			}
		}
	}
	return r
}

// readRule reads a reference to a rule, perhaps of an extension.
func (r *sarifResult) readRule(v value) {
	if r.ruleID == "" {
		r.ruleID = v.field("id").text()
	}
	if r.ruleIndex < 0 {
		r.ruleIndex = index(v.field("index"))
	}
	if component := v.field("toolComponent"); component.kind() != 0 {
		r.ruleComponent = index(component.field("index"))
	}
}

func (r *sarifResult) readLocation(v value) {
	file := v.field("physicalLocation").field("artifactLocation")
	r.locations = append(r.locations, sarifLocation{
		uri:   file.field("uri").text(),
		line:  v.field("physicalLocation").field("region").field("startLine").text(),
		index: index(file.field("index")),
	})
	for l := range v.field("logicalLocations").items() {
		r.names = append(r.names, l.field("fullyQualifiedName").text())
	}
}

// readSuppressions: a result is suppressed when it has suppressions and none
// of them is under review or rejected (SARIF, 3.27.23).
func (r *sarifResult) readSuppressions(v value) {
	for each := range v.items() {
		if status := each.field("status").text(); status != "" && status != "accepted" {
			r.suppressed = false
			return
		}
		r.suppressed = true
		if r.suppressReason == "" {
			r.suppressReason = strings.Join(nonEmpty("suppressed "+each.field("kind").text(), each.field("justification").text()), ": ")
		}
	}
}

// lastModule is the module of the last frame of the first code flow, as
// govulncheck writes it ("stdlib@v1.25.8").
func lastModule(v value) string {
	for flow := range v.items() {
		var last string
		for thread := range flow.field("threadFlows").items() {
			for l := range thread.field("locations").items() {
				last = l.field("module").text()
			}
		}
		return last
	}
	return ""
}

// severity: the score of result or rule, else the level, which is the rule's
// and in the end "warning" where it is not given (SARIF, 3.27.10).
func (r *sarifResult) severity(rule *sarifRule) model.Severity {
	for _, score := range [...]*float64{r.score, rule.score} {
		if score != nil {
			return model.SeverityOfScore(*score)
		}
	}
	for _, level := range [...]string{r.level, rule.level} {
		if level != "" {
			return model.ReportSeverity(level)
		}
	}
	return model.SeverityMedium
}

// index reads an index, -1 where there is none.
func index(v value) int {
	n := v.number()
	if n == nil || *n < 0 || *n > 1<<30 {
		return -1
	}
	return int(*n)
}
