package formats

import (
	"strings"

	"example.com/vexdesk/model"
)

// readComponents finds the components of an issue where its layout has them.
func (i *xrayIssue) readComponents(v value) {
	if id := v.field("vulnerable_component").text(); id != "" { // report rows
		i.add(id, nil, nonEmpty(v.field("path").text(), v.field("component_physical_path").text()))
		i.artifacts = append(i.artifacts, xrayArtifact{componentID: v.field("impacted_artifact").text()})
		return
	}
	if id := v.field("source_comp_id").text(); id != "" { // export
		i.exported(v, id)
		return
	}
	if name := v.field("impactedPackageName").text(); name != "" { // simple-json
		i.simple(v, name)
		return
	}
	if components := v.field("components"); components.kind() == '{' { // scans
		for id, each := range components.fields() {
			i.add(v.doc.valid(string(id)), nonEmpty(each.field("fixed_versions").texts()...), impactPaths(each.field("impact_paths")))
		}
		return
	}
	for id := range v.field("infected_components").items() { // violations
		i.add(id.text(), nil, nonEmpty(append(v.field("infected_file_path").texts(), v.field("component_physical_paths").texts()...)...))
	}
	for id := range v.field("impact_artifacts").items() {
		i.artifacts = append(i.artifacts, xrayArtifact{componentID: id.text()})
	}
	for id := range v.field("component_ids").items() { // alerts of a build
		i.add(id.text(), nil, nil)
	}
	for a := range v.field("impacted_artifacts").items() {
		i.artifacts = append(i.artifacts, xrayArtifact{name: a.field("display_name").text(), packageType: a.field("pkg_type").text()})
	}
	if len(i.components) == 0 { // artifact summary
		i.summarized(v)
	}
}

// summarized reads the components of an artifact summary: the ends of the
// impact paths. Newer versions list them with type and fixes, too.
func (i *xrayIssue) summarized(v value) {
	type listed struct {
		id    string
		fixes []string
	}
	known := make(map[string]listed)
	for each := range v.field("components").items() {
		id := each.field("component_id").text()
		known[lastSegment(id)] = listed{id, nonEmpty(each.field("fixed_versions").texts()...)}
	}
	for path := range v.field("impact_path").items() {
		end := lastSegment(path.text())
		if c, ok := known[end]; ok && c.id != "" {
			i.add(c.id, c.fixes, nonEmpty(path.text()))
		} else {
			i.add(end, nil, nonEmpty(path.text()))
		}
	}
	if len(i.components) == 0 {
		for each := range v.field("components").items() {
			i.add(each.field("component_id").text(), nonEmpty(each.field("fixed_versions").texts()...), nil)
		}
	}
}

// add adds a component by its identifier.
func (i *xrayIssue) add(id string, fixes, locations []string) {
	if id != "" {
		i.components = append(i.components, xrayPart{component: xrayComponent(id), fixes: fixes, locations: locations})
	}
}

// exported reads an entry of the console's export, where the identifier
// without its version stands beside it.
func (i *xrayIssue) exported(v value, id string) {
	details := v.field("component_versions")
	i.add(id, nonEmpty(details.field("fixed_versions").texts()...), nil)
	part := &i.components[len(i.components)-1]
	if source := v.field("source_id").text(); source != "" && strings.HasPrefix(id, source+":") {
		scheme, name, ok := strings.Cut(source, "://")
		if ok {
			part.component.Name, part.component.Version = name, id[len(source)+1:]
			part.component.PURL = xrayPURL(scheme, name, part.component.Version)
		}
	}
	more := details.field("more_details")
	if i.description == "" {
		i.description = more.field("description").text()
	}
	var cves []value
	for c := range more.field("cves").items() {
		cves = append(cves, c)
	}
	i.rate(cves, [2]*float64{})
}

// simple reads the package of an entry of the command line's simple-json.
func (i *xrayIssue) simple(v value, name string) {
	version, kind := v.field("impactedPackageVersion").text(), v.field("impactedPackageType").text()
	c := model.Component{Type: ecosystemType(kind), Name: name, Version: version, PURL: buildPURL(kind, name, version)}
	var locations []string
	for each := range v.field("components").items() {
		locations = append(locations, each.field("location").field("file").text())
	}
	for path := range v.field("impactPaths").items() {
		var steps []string
		first := true
		for step := range path.items() {
			if first { // the path begins at what was scanned
				i.artifacts = append(i.artifacts, xrayArtifact{name: stepName(step)})
				first = false
			}
			steps = append(steps, stepName(step))
		}
		locations = append(locations, strings.Join(steps, " > "))
	}
	i.components = append(i.components, xrayPart{component: c, locations: nonEmpty(locations...)})
}

func stepName(step value) string {
	return strings.Join(nonEmpty(step.field("name").text(), step.field("version").text()), ":")
}

// impactPaths writes the paths of a scan, from what was scanned to the
// component. The stand-in "root" is left out.
func impactPaths(v value) []string {
	var all []string
	for path := range v.items() {
		var steps []string
		for step := range path.items() {
			id := step.field("component_id").text()
			if full := step.field("full_path").text(); full != "" {
				id = full
			}
			if id != "" && id != "root" {
				steps = append(steps, id)
			}
		}
		if len(steps) > 1 {
			all = append(all, strings.Join(steps, " > "))
		}
		if len(all) == maxLocations {
			break
		}
	}
	return all
}
