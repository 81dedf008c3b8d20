package sample

import "example.com/vexdesk/model"

// product is a sample product: which stacks it is made of, and its versions,
// the oldest first.
type product struct {
	name, resource string
	scanner        string // a format's name
	stacks         []string
	versions       []version
}

// version is a release: how many days ago it was first scanned, and how many
// issues of each stack were mended by then, counted from the end.
type version struct {
	name   string
	days   int
	mended int
}

var products = [...]product{
	{"payments-api", "image", "trivy", []string{"java", "debian"}, []version{{"4.0", 210, 0}, {"4.1", 96, 2}, {"4.2", 12, 3}}},
	{"gateway", "image", "grype", []string{"go", "alpine"}, []version{{"1.8", 150, 0}, {"1.9", 34, 1}}},
	{"web-shop", "build", "trivy", []string{"node", "alpine"}, []version{{"2026.10", 61, 0}, {"2026.11", 9, 1}}},
	{"fraud-scoring", "image", "xray", []string{"python", "debian"}, []version{{"0.9", 120, 0}, {"1.0", 20, 4}}},
	{"edge-agent", "artifact", "xray", []string{"edge", "debian"}, []version{{"7.3", 44, 0}}},
	{"backoffice", "release_bundle", "xray", []string{"java", "node"}, []version{{"12.1", 75, 5}, {"12.2", 3, 6}}},
}

// compliance are licence violations and operational risks, by product.
var compliance = map[string][]risk{
	"payments-api": {
		{model.License, "GPL-2.0-only", "maven/com.mysql/mysql-connector-j", "8.0.33", model.SeverityHigh},
		{model.OperationalRisk, "", "maven/commons-lang/commons-lang", "2.6", model.SeverityMedium},
	},
	"web-shop": {
		{model.License, "AGPL-3.0-only", "npm/mongo-express", "1.0.2", model.SeverityHigh},
		{model.OperationalRisk, "", "npm/request", "2.88.2", model.SeverityHigh},
		{model.OperationalRisk, "", "npm/moment", "2.29.4", model.SeverityLow},
	},
	"fraud-scoring": {
		{model.License, "GPL-3.0-or-later", "pypi/pyqt5", "5.15.7", model.SeverityHigh},
		{model.License, "SSPL-1.0", "pypi/mongodb-agent", "12.0.8", model.SeverityMedium},
	},
	"backoffice": {
		{model.License, "AGPL-3.0-or-later", "maven/com.itextpdf/itextpdf", "5.5.13.2", model.SeverityCritical},
		{model.License, "BUSL-1.1", "npm/%40mariadb/maxscale-tools", "22.8.1", model.SeverityMedium},
		{model.OperationalRisk, "", "maven/log4j/log4j", "1.2.17", model.SeverityHigh},
	},
}

// risk is a licence violation or an operational risk.
type risk struct {
	kind      model.ViolationType
	license   string
	component string
	version   string
	severity  model.Severity
}
