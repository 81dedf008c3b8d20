package query

// table is the language's vocabulary.
func table() []KeyInfo {
	optional := []Special{None, Any}
	text := func(key Key, doc string, examples ...string) KeyInfo {
		return KeyInfo{Key: key, Kind: KindText, Doc: doc, Examples: examples}
	}
	optionalText := func(key Key, doc string, examples ...string) KeyInfo {
		return KeyInfo{Key: key, Kind: KindText, Doc: doc, Specials: optional, Examples: examples}
	}
	flag := func(key Key, doc, yes, no string) KeyInfo {
		return KeyInfo{Key: key, Kind: KindFlag, Doc: doc, Values: []Choice{
			{Name: "yes", Doc: yes, Synonyms: []string{"true"}},
			{Name: "no", Doc: no, Synonyms: []string{"false"}},
		}}
	}
	enum := func(key Key, doc string, specials []Special, values ...Choice) KeyInfo {
		return KeyInfo{Key: key, Kind: KindEnum, Doc: doc, Values: values, Specials: specials}
	}
	count := func(key Key, doc string, examples ...string) KeyInfo {
		return KeyInfo{Key: key, Kind: KindNumber, Doc: doc, Max: 1e6, Specials: optional, Examples: examples}
	}

	severity := enum(KeySeverity, "the severity that is shown for the violation", nil, severities()...)
	severity.Examples = []string{">=high"}

	version := text(KeyVersion, "version of the product; without this key only current versions are meant", "latest", "*")
	version.Specials = []Special{Latest, All}

	fix := optionalText(KeyFix, "whether a fixed version is known, or which", "yes")
	fix.Specials = []Special{Yes, No, None, Any}

	return []KeyInfo{
		enum(KeyType, "what kind of violation it is", nil,
			Choice{Name: "security", Doc: "a vulnerability"},
			Choice{Name: "license", Doc: "a licence that a policy does not allow"},
			Choice{Name: "operational_risk", Doc: "a component that is old, unmaintained or at its end of life"}),
		severity,
		text(KeyIssue, "id of the issue or any of its aliases", "CVE-2024-*"),
		text(KeyComponent, "name of the package"),
		optionalText(KeyEcosystem, "package type of the component, such as npm, maven, golang or deb"),
		optionalText(KeyPURL, "package URL of the component, version included", "pkg:npm/*"),
		text(KeyProduct, "name of the product"),
		version,
		enum(KeyResource, "what kind of thing the product is", nil,
			Choice{Name: "build", Doc: "a build"},
			Choice{Name: "artifact", Doc: "an artifact"},
			Choice{Name: "repository", Doc: "a source or package repository"},
			Choice{Name: "release_bundle", Doc: "a release bundle"},
			Choice{Name: "image", Doc: "a container image"},
			Choice{Name: "sbom", Doc: "a software bill of materials"}),
		optionalText(KeyLicense, "licence of the component, by SPDX id or name"),
		text(KeyBesides, "a licence of the component other than those named", "MIT,Apache-2.0"),
		{Key: KeyPackageVersion, Kind: KindVersion, Doc: "version of the component, ordered as packages order theirs", Specials: optional, Examples: []string{">=1.2", "<2.0"}},
		flag(KeyMalicious, "whether the issue is a malicious package (an id of OSV's, MAL-…)", "it is one", "it is not known to be one"),
		enum(KeyEOL, "whether the component is at its end of life, by an operational-risk report", optional,
			Choice{Name: "yes", Doc: "nobody maintains it any more", Synonyms: []string{"true"}},
			Choice{Name: "no", Doc: "it is maintained", Synonyms: []string{"false"}}),
		{Key: KeyReleased, Kind: KindTime, Doc: "when the component's version was released, by an operational-risk report; >2y is more than 2 years ago", Specials: optional, Examples: []string{">2y"}},
		count(KeyNewer, "how many newer versions of the component there are, by an operational-risk report", ">=5"),
		count(KeyCadence, "how many releases the component has a year, by an operational-risk report", "<2"),
		count(KeyCommits, "how many commits the component had in a year, by an operational-risk report", "<10"),
		count(KeyCommitters, "how many people committed to the component in a year, by an operational-risk report", "<2"),
		optionalText(KeyWatch, "name of a watch that covers the violation"),
		optionalText(KeyPolicy, "name of a policy that the violation breaks"),
		fix,
		{Key: KeyCVSS, Kind: KindNumber, Doc: "CVSS base score that is shown", Max: 10, Specials: optional, Examples: []string{">=7", ">=9"}},
		{Key: KeyEPSS, Kind: KindNumber, Doc: "EPSS probability of exploitation in the next 30 days, from 0 to 1 or in percent", Max: 1, Specials: optional, Examples: []string{">=0.5", ">=10%"}},
		flag(KeyKEV, "whether CISA's catalogue of known exploited vulnerabilities lists the issue", "listed", "not listed"),
		enum(KeyApplicable, "whether the scanner found that the issue applies here", optional,
			Choice{Name: "yes", Doc: "the vulnerable code is used", Synonyms: []string{"true", "applicable"}},
			Choice{Name: "no", Doc: "it is not", Synonyms: []string{"false", "not_applicable"}},
			Choice{Name: "unknown", Doc: "the scanner could not tell", Synonyms: []string{"undetermined"}}),
		enum(KeyState, "where the violation stands; without this key only open ones are meant", []Special{All},
			Choice{Name: "open", Doc: "a source still shows it"},
			Choice{Name: "resolved", Doc: "no source shows it any more"},
			Choice{Name: "ignored", Doc: "set aside by a rule or by the report"}),
		enum(KeyVEX, "status of the assessment", optional,
			Choice{Name: "in_triage", Doc: "being looked at"},
			Choice{Name: "affected", Doc: "affected, action is needed"},
			Choice{Name: "not_affected", Doc: "not affected, false positives included"},
			Choice{Name: "fixed", Doc: "fixed"}),
		enum(KeyJustification, "why the product is not affected", optional, justifications()...),
		enum(KeyResponse, "what is done about it", optional,
			Choice{Name: "can_not_fix", Doc: "it cannot be fixed"},
			Choice{Name: "will_not_fix", Doc: "it will not be fixed"},
			Choice{Name: "update", Doc: "update to another version"},
			Choice{Name: "rollback", Doc: "go back to another version"},
			Choice{Name: "workaround_available", Doc: "there is a workaround"}),
		optionalText(KeyTicket, "key of a linked Jira ticket", "none", "any"),
		optionalText(KeyTicketStatus, "name of a linked ticket's status in Jira", "unknown"),
		enum(KeyTicketCategory, "category of a linked ticket's status in Jira", optional,
			Choice{Name: "new", Doc: "to do", Synonyms: []string{"to_do", "todo"}},
			Choice{Name: "indeterminate", Doc: "in progress", Synonyms: []string{"in_progress", "inprogress"}},
			Choice{Name: "done", Doc: "done"}),
		optionalText(KeyConnection, "name of the Jira connection of a linked ticket"),
		flag(KeyConflict, "whether an assessment field was changed differently here and in Jira", "a conflict waits", "none waits"),
		{Key: KeyReview, Kind: KindTime, Doc: "when the assessment is due for review; <14d is due within 14 days, <0d is overdue", Future: true, Specials: optional, Examples: []string{"<14d", "<0d"}},
		{Key: KeySeen, Kind: KindTime, Doc: "when the violation was first seen; <7d is less than 7 days ago", Examples: []string{"<7d"}},
		{Key: KeyAge, Kind: KindAge, Doc: "how long ago the violation was first seen", Examples: []string{">30d", "<7d"}},
		{Key: KeyUpdated, Kind: KindTime, Doc: "when the violation last changed; <1d is less than a day ago", Examples: []string{"<1d"}},
		optionalText(KeyPath, "where in the product the component was found", "usr/lib/*"),
		optionalText(KeySource, "format or scanner of a report that shows the violation", "trivy", "xray"),
		{Key: KeyHas, Kind: KindKey, Doc: "whether a field has a value: has:ticket is -ticket:none"},
		{Key: KeyID, Kind: KindID, Doc: "id of the violation"},
	}
}

// severities are ranked as ruling 6 orders them; unknown has no rank, because
// it is matched by name only (ruling 8).
func severities() []Choice {
	return []Choice{
		{Name: "critical", Doc: "critical", Rank: 5},
		{Name: "high", Doc: "high", Rank: 4},
		{Name: "medium", Doc: "medium", Rank: 3},
		{Name: "low", Doc: "low", Rank: 2},
		{Name: "info", Doc: "informational", Rank: 1},
		{Name: "unknown", Doc: "no source states one; matched by name only, never by < or >"},
	}
}

// justifications are those of CycloneDX 1.4 and later,
// vulnerabilities[].analysis.justification.
func justifications() []Choice {
	return []Choice{
		{Name: "code_not_present", Doc: "the code was removed or left out"},
		{Name: "code_not_reachable", Doc: "the code is never called"},
		{Name: "requires_configuration", Doc: "needs a setting that is not used"},
		{Name: "requires_dependency", Doc: "needs a dependency that is not there"},
		{Name: "requires_environment", Doc: "needs an environment that is not present"},
		{Name: "protected_by_compiler", Doc: "a compiler option prevents it"},
		{Name: "protected_at_runtime", Doc: "prevented at run time"},
		{Name: "protected_at_perimeter", Doc: "blocked before it reaches the product"},
		{Name: "protected_by_mitigating_control", Doc: "another control prevents it"},
	}
}
