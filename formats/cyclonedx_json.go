package formats

import "github.com/go-json-experiment/json/jsontext"

func readCycloneDXJSON(p *parser) error { return newCycloneDX(p).readJSON() }

func (c *cycloneDX) readJSON() error {
	c.report.Variant = "JSON"
	err := c.json.object(func(name string) error {
		switch name {
		case "specVersion", "serialNumber", "version":
			v, err := c.json.value()
			switch name {
			case "specVersion":
				c.report.Variant += " " + v.text()
			case "serialNumber":
				c.serial = v.text()
			default:
				if n := v.number(); n != nil {
					c.version = int(*n)
				}
			}
			return err
		case "metadata":
			c.sawMetadata = true
			return c.json.object(c.jsonMetadata)
		case "components":
			c.sawComponents = true
			return c.json.list(func() error { _, err := c.jsonComponent(); return err })
		case "services":
			return c.json.list(func() error { _, err := c.jsonComponent(); return err })
		case "vulnerabilities":
			return c.json.entries(func(v value) error { return c.vulnerability(cdxFromJSON(v)) })
		}
		return c.json.skip()
	})
	if err != nil {
		return err
	}
	return c.finishDocument()
}

func (c *cycloneDX) jsonMetadata(name string) error {
	switch name {
	case "timestamp", "tools", "authors":
		v, err := c.json.value()
		switch name {
		case "timestamp":
			c.created(v.text())
		case "tools":
			c.report.Scanner = cdxTool(v)
		default:
			for each := range v.items() {
				c.decisions.author = each.field("name").text()
				break
			}
		}
		return err
	case "component":
		subject, err := c.jsonComponent()
		c.about(subject)
		return err
	}
	return c.json.skip()
}

// cdxTool returns the name of the first tool: a list until 1.4, an object with
// components since 1.5.
func cdxTool(tools value) string {
	if components := tools.field("components"); components.kind() != 0 {
		tools = components
	}
	for tool := range tools.items() {
		if name := tool.field("name").text(); name != "" {
			return name
		}
	}
	return ""
}

// jsonComponent indexes a component (or service) and those inside of it. It
// walks with the cursor, since they may be nested to any depth.
func (c *cycloneDX) jsonComponent() (cdxComponent, error) {
	var each cdxComponent
	var inner []string
	err := c.json.object(func(name string) error {
		switch name {
		case "components", "services":
			if c.json.kind() == jsontext.KindBeginArray {
				return c.json.list(func() error {
					one, err := c.jsonComponent()
					inner = append(inner, one.reference())
					return err
				})
			}
			return c.json.skip()
		case "type", "bom-ref", "group", "name", "version", "purl", "licenses":
			v, err := c.json.value()
			each.set(name, v)
			return err
		}
		return c.json.skip()
	})
	c.index(each)
	c.nests(each, inner)
	return each, err
}

func (c *cdxComponent) set(name string, v value) {
	switch name {
	case "type":
		c.kind = v.text()
	case "bom-ref":
		c.ref = v.text()
	case "group":
		c.group = v.text()
	case "name":
		c.name = v.text()
	case "version":
		c.version = v.text()
	case "purl":
		c.purl = v.text()
	case "licenses":
		for each := range v.items() {
			license := each.field("license")
			c.licenses = append(c.licenses, each.field("expression").text(), license.field("id").text(), license.field("name").text())
		}
		c.licenses = nonEmpty(c.licenses...)
	}
}

// cdxFromJSON reads one vulnerability.
func cdxFromJSON(v value) cdxVulnerability {
	var r cdxVulnerability
	for name, each := range v.fields() {
		switch string(name) {
		case "id":
			r.id = each.text()
		case "source":
			r.source, r.url = each.field("name").text(), each.field("url").text()
		case "references":
			for ref := range each.items() {
				r.references = append(r.references, ref.field("id").text())
			}
		case "ratings":
			for item := range each.items() {
				rated, ok := cdxRating(item.field("source").field("name").text(), item.field("method").text(),
					item.field("vector").text(), item.field("severity").text(), item.field("score").number())
				if ok {
					r.ratings = append(r.ratings, rated)
				}
			}
		case "description":
			r.description = each.text()
		case "detail":
			r.detail = each.text()
		case "recommendation":
			r.recommendation = each.text()
		case "workaround":
			r.workaround = each.text()
		case "advisories":
			for item := range each.items() {
				r.advisories = append(r.advisories, item.field("url").text())
			}
		case "analysis":
			r.state, r.justification = each.field("state").text(), each.field("justification").text()
			r.stateDetail, r.responses = each.field("detail").text(), each.field("response").texts()
		case "affects":
			for item := range each.items() {
				r.affects = append(r.affects, nonEmpty(item.field("ref").text(), item.text())...)
			}
		}
	}
	return r
}
