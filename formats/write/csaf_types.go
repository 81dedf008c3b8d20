package write

// The parts of CSAF 2.0 that a VEX document needs (OASIS, csaf_json_schema), in
// the order of their names, as the standard would have it (6.2.13).
// gocsaf has types for all of it; it is the judge of ours in the tests and
// stays out of the program, since what it compiles at start takes a third of
// the time that the program may take to start.

type csafDocument struct {
	Document        csafAbout           `json:"document"`
	ProductTree     csafTree            `json:"product_tree"`
	Vulnerabilities []csafVulnerability `json:"vulnerabilities"`
}

type csafAbout struct {
	Category    string        `json:"category"`
	CSAFVersion string        `json:"csaf_version"`
	Lang        string        `json:"lang"`
	Publisher   csafPublisher `json:"publisher"`
	Title       string        `json:"title"`
	Tracking    csafTracking  `json:"tracking"`
}

type csafPublisher struct {
	Category  string `json:"category"`
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

type csafTracking struct {
	CurrentReleaseDate string         `json:"current_release_date"`
	Generator          *csafGenerator `json:"generator,omitempty"`
	ID                 string         `json:"id"`
	InitialReleaseDate string         `json:"initial_release_date"`
	RevisionHistory    []csafRevision `json:"revision_history"`
	Status             string         `json:"status"`
	Version            string         `json:"version"`
}

type csafGenerator struct {
	Engine struct {
		Name string `json:"name"`
	} `json:"engine"`
}

type csafRevision struct {
	Date    string `json:"date"`
	Number  string `json:"number"`
	Summary string `json:"summary"`
}

type csafTree struct {
	FullProductNames []csafProduct      `json:"full_product_names"`
	Relationships    []csafRelationship `json:"relationships,omitempty"`
}

type csafProduct struct {
	Name      string      `json:"name"`
	ProductID string      `json:"product_id"`
	Helper    *csafHelper `json:"product_identification_helper,omitempty"`
}

type csafHelper struct {
	PURL string `json:"purl"`
}

type csafRelationship struct {
	Category         string      `json:"category"`
	FullProductName  csafProduct `json:"full_product_name"`
	ProductReference string      `json:"product_reference"`
	RelatesTo        string      `json:"relates_to_product_reference"`
}

type csafVulnerability struct {
	CVE           string            `json:"cve,omitempty"`
	Flags         []csafFlag        `json:"flags,omitempty"`
	IDs           []csafID          `json:"ids,omitempty"`
	Notes         []csafNote        `json:"notes"`
	ProductStatus csafProductStatus `json:"product_status"`
	References    []csafReference   `json:"references,omitempty"`
	Remediations  []csafRemark      `json:"remediations,omitempty"`
	Scores        []csafScore       `json:"scores,omitempty"`
	Threats       []csafRemark      `json:"threats,omitempty"`
	Title         string            `json:"title,omitempty"`
}

type csafID struct {
	SystemName string `json:"system_name"`
	Text       string `json:"text"`
}

type csafNote struct {
	Category string `json:"category"`
	Text     string `json:"text"`
	Title    string `json:"title,omitempty"`
}

type csafReference struct {
	Category string `json:"category"`
	Summary  string `json:"summary"`
	URL      string `json:"url"`
}

// csafScore holds the scores of products (FIRST, cvss-v2.0.json, cvss-v3.0.json,
// cvss-v3.1.json).
type csafScore struct {
	CVSS2    *csafCVSS2 `json:"cvss_v2,omitempty"`
	CVSS3    *csafCVSS3 `json:"cvss_v3,omitempty"`
	Products []string   `json:"products"`
}

type csafCVSS2 struct {
	BaseScore    float64 `json:"baseScore"`
	VectorString string  `json:"vectorString"`
	Version      string  `json:"version"`
}

type csafCVSS3 struct {
	BaseScore    float64 `json:"baseScore"`
	BaseSeverity string  `json:"baseSeverity"`
	VectorString string  `json:"vectorString"`
	Version      string  `json:"version"`
}

type csafProductStatus struct {
	Fixed              []string `json:"fixed,omitempty"`
	KnownAffected      []string `json:"known_affected,omitempty"`
	KnownNotAffected   []string `json:"known_not_affected,omitempty"`
	UnderInvestigation []string `json:"under_investigation,omitempty"`
}

type csafFlag struct {
	Label      string   `json:"label"`
	ProductIDs []string `json:"product_ids"`
}

// csafRemark is a threat or a remediation.
type csafRemark struct {
	Category   string   `json:"category"`
	Details    string   `json:"details"`
	ProductIDs []string `json:"product_ids,omitempty"`
}
