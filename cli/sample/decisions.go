package sample

import "example.com/vexdesk/model"

// Decision is a VEX decision of the sample: what Where matches gets Fields.
type Decision struct {
	By     string
	Where  string
	Fields map[model.VEXField]string
}

// Decisions are the VEX decisions that the sample begins with.
func Decisions() []Decision {
	return []Decision{
		{"ines", "issue:CVE-2022-1471 product:payments-api", map[model.VEXField]string{
			model.FieldStatus: string(model.VEXNotAffected), model.FieldJustification: "code_not_reachable",
			model.FieldImpact: "Only our own configuration files are parsed; none comes from outside.",
			model.FieldNotes:  "Checked with the platform team.",
		}},
		{"ines", "issue:CVE-2023-44487 product:gateway", map[model.VEXField]string{
			model.FieldStatus: string(model.VEXAffected), model.FieldResponse: "update",
			model.FieldAction: "Upgrade to 1.10, which limits how many streams a client may reset.",
		}},
		{"tomasz", "issue:CVE-2023-4911", map[model.VEXField]string{
			model.FieldStatus: string(model.VEXNotAffected), model.FieldJustification: "requires_environment",
			model.FieldImpact: "The images hold no set-user-id program that a caller could start.",
		}},
		{"tomasz", "issue:CVE-2005-2541", map[model.VEXField]string{
			model.FieldStatus: string(model.VEXNotAffected), model.FieldJustification: "code_not_reachable",
			model.FieldImpact: "No archive is unpacked at run time.",
		}},
		{"ines", "product:web-shop severity:critical", map[model.VEXField]string{model.FieldStatus: string(model.VEXInTriage)}},
		{"tomasz", "issue:CVE-2024-6387,CVE-2024-3094 product:edge-agent", map[model.VEXField]string{model.FieldStatus: string(model.VEXInTriage)}},
		{"ines", "type:license product:backoffice", map[model.VEXField]string{
			model.FieldStatus: string(model.VEXInTriage), model.FieldNotes: "With the legal department.",
		}},
	}
}
