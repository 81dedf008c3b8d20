package formats

import (
	"encoding/xml"
	"strconv"
	"strings"
)

// xmlVulnerability is the vulnerability element since 1.4, and that of the
// extension http://cyclonedx.org/schema/ext/vulnerability/1.0 for 1.2 and 1.3,
// which stands inside of the component it affects.
type xmlVulnerability struct {
	ID     string `xml:"id"`
	Source struct {
		NameAttr string `xml:"name,attr"`
		Name     string `xml:"name"`
		URL      string `xml:"url"`
	} `xml:"source"`
	References  []string    `xml:"references>reference>id"`
	Ratings     []xmlRating `xml:"ratings>rating"`
	Description string      `xml:"description"`
	Detail      string      `xml:"detail"`
	// Recommendation since 1.4, Recommendations in the extension.
	Recommendation  string   `xml:"recommendation"`
	Recommendations []string `xml:"recommendations>recommendation"`
	Workaround      string   `xml:"workaround"`
	Advisories      []struct {
		Text string `xml:",chardata"`
		URL  string `xml:"url"`
	} `xml:"advisories>advisory"`
	Analysis struct {
		State         string   `xml:"state"`
		Justification string   `xml:"justification"`
		Detail        string   `xml:"detail"`
		Responses     []string `xml:"responses>response"`
	} `xml:"analysis"`
	Affects []string `xml:"affects>target>ref"`
}

// xmlRating has its score as text since 1.4, and as a base element in the
// extension.
type xmlRating struct {
	Source string `xml:"source>name"`
	Score  struct {
		Text string `xml:",chardata"`
		Base string `xml:"base"`
	} `xml:"score"`
	Severity string `xml:"severity"`
	Method   string `xml:"method"`
	Vector   string `xml:"vector"`
}

func readCycloneDXXML(p *parser) error { return newCycloneDX(p).readXML() }

func (c *cycloneDX) readXML() error {
	c.report.Variant = "XML"
	root, err := c.xml.root()
	if err != nil {
		return err
	}
	if _, version, ok := strings.Cut(root.Name.Space, "/bom/"); ok {
		c.report.Variant += " " + version
	}
	c.serial = attribute(root, "serialNumber")
	if n, err := strconv.Atoi(attribute(root, "version")); err == nil {
		c.version = n
	}
	err = c.xml.children(func(e xml.StartElement) error {
		switch e.Name.Local {
		case "metadata":
			c.sawMetadata = true
			return c.xml.children(c.xmlMetadata)
		case "components", "services":
			c.sawComponents = c.sawComponents || e.Name.Local == "components"
			return c.xml.children(func(e xml.StartElement) error { _, err := c.xmlComponent(e); return err })
		case "vulnerabilities":
			return c.xml.children(func(e xml.StartElement) error {
				var v xmlVulnerability
				if err := c.xml.decode(&v, e); err != nil {
					return err
				}
				return c.vulnerability(v.plain())
			})
		}
		return c.xml.skip()
	})
	if err != nil {
		return err
	}
	if err := c.xml.end(); err != nil {
		return err
	}
	return c.finishDocument()
}

func (c *cycloneDX) xmlMetadata(e xml.StartElement) error {
	switch e.Name.Local {
	case "timestamp":
		text, err := c.xml.text(e)
		c.created(text)
		return err
	case "tools":
		var tools struct {
			Names      []string `xml:"tool>name"`
			Components []string `xml:"components>component>name"`
		}
		err := c.xml.decode(&tools, e)
		if names := nonEmpty(append(tools.Names, tools.Components...)...); len(names) > 0 {
			c.report.Scanner = strings.TrimSpace(names[0])
		}
		return err
	case "component":
		subject, err := c.xmlComponent(e)
		c.about(subject)
		return err
	}
	return c.xml.skip()
}

// xmlComponent indexes a component and those inside of it, and reads the
// vulnerabilities that the older extension puts there.
func (c *cycloneDX) xmlComponent(start xml.StartElement) (cdxComponent, error) {
	each := cdxComponent{kind: attribute(start, "type"), ref: attribute(start, "bom-ref")}
	var inside []cdxVulnerability
	err := c.xml.children(func(e xml.StartElement) (err error) {
		switch e.Name.Local {
		case "group":
			each.group, err = c.xml.text(e)
		case "name":
			each.name, err = c.xml.text(e)
		case "version":
			each.version, err = c.xml.text(e)
		case "purl":
			each.purl, err = c.xml.text(e)
		case "licenses":
			var l struct {
				Expressions []string `xml:"expression"`
				IDs         []string `xml:"license>id"`
				Names       []string `xml:"license>name"`
			}
			err = c.xml.decode(&l, e)
			each.licenses = nonEmpty(append(append(l.Expressions, l.IDs...), l.Names...)...)
		case "components":
			err = c.xml.children(func(e xml.StartElement) error { _, err := c.xmlComponent(e); return err })
		case "vulnerabilities":
			err = c.xml.children(func(e xml.StartElement) error {
				var v xmlVulnerability
				err := c.xml.decode(&v, e)
				inside = append(inside, v.plain())
				return err
			})
		default:
			err = c.xml.skip()
		}
		return err
	})
	if err != nil {
		return each, err
	}
	c.index(each)
	for i := range inside {
		c.count()
		f := inside[i].finding()
		f.Component = each.component()
		if err := c.add(f); err != nil {
			return each, err
		}
	}
	return each, nil
}

// plain trims what XML may pad.
func (x *xmlVulnerability) plain() cdxVulnerability {
	v := cdxVulnerability{
		id: strings.TrimSpace(x.ID), source: strings.TrimSpace(x.Source.Name + x.Source.NameAttr), url: strings.TrimSpace(x.Source.URL),
		description: strings.TrimSpace(x.Description), detail: strings.TrimSpace(x.Detail),
		recommendation: strings.TrimSpace(strings.Join(append(x.Recommendations, x.Recommendation), "\n")),
		workaround:     strings.TrimSpace(x.Workaround),
		references:     trimmed(x.References), affects: trimmed(x.Affects),
		state: strings.TrimSpace(x.Analysis.State), justification: strings.TrimSpace(x.Analysis.Justification),
		stateDetail: x.Analysis.Detail, responses: trimmed(x.Analysis.Responses),
	}
	for _, a := range x.Advisories {
		v.advisories = append(v.advisories, a.Text, a.URL)
	}
	for _, r := range x.Ratings {
		text := strings.TrimSpace(r.Score.Base)
		if text == "" {
			text = strings.TrimSpace(r.Score.Text)
		}
		var score *float64
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			score = &n
		}
		rated, ok := cdxRating(strings.TrimSpace(r.Source), strings.TrimSpace(r.Method), strings.TrimSpace(r.Vector), strings.TrimSpace(r.Severity), score)
		if ok {
			v.ratings = append(v.ratings, rated)
		}
	}
	return v
}

func trimmed(all []string) []string {
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}
