package formats

import (
	"slices"

	"example.com/vexdesk/model"
)

// csafProducts is a product tree (CSAF 2.0, 3.2.2).
type csafProducts struct {
	byID map[string]model.Component
	// parts are products that are a component of another one.
	parts map[string]csafPart
	// groups by product: the ids of the groups that it is in.
	groups map[string][]string
}

type csafPart struct{ component, of string }

func newCSAFProducts() csafProducts {
	return csafProducts{byID: make(map[string]model.Component), parts: make(map[string]csafPart), groups: make(map[string][]string)}
}

// csafBranch is what the branches down to a product say.
type csafBranch struct{ name, version string }

func (c *csafProducts) read(in *cursor) error {
	return in.object(func(name string) error {
		switch name {
		case "branches":
			return in.entries(func(v value) error {
				c.branch(v, csafBranch{}, 0)
				return nil
			})
		case "full_product_names":
			return in.entries(func(v value) error {
				c.product(v, csafBranch{})
				return nil
			})
		case "relationships":
			return in.entries(func(v value) error {
				product := v.field("full_product_name")
				c.product(product, csafBranch{})
				c.parts[product.field("product_id").text()] = csafPart{v.field("product_reference").text(), v.field("relates_to_product_reference").text()}
				return nil
			})
		case "product_groups":
			return in.entries(func(v value) error {
				for _, id := range v.field("product_ids").texts() {
					c.groups[id] = append(c.groups[id], v.field("group_id").text())
				}
				return nil
			})
		}
		return in.skip()
	})
}

// maxBranches is how deep branches are followed; real trees have up to six.
const maxBranches = 64

// branch walks down the branches.
func (c *csafProducts) branch(v value, above csafBranch, depth int) {
	switch v.field("category").text() {
	case "product_name":
		above.name = v.field("name").text()
	case "product_version":
		above.version = v.field("name").text()
	}
	if product := v.field("product"); product.kind() != 0 {
		c.product(product, above)
	}
	if depth == maxBranches {
		return
	}
	for each := range v.field("branches").items() {
		c.branch(each, above, depth+1)
	}
}

// product keeps a full product name. Its package URL says more than the
// branches.
func (c *csafProducts) product(v value, b csafBranch) {
	id := v.field("product_id").text()
	if id == "" {
		return
	}
	component := referenced(v.field("name").text(), v.field("product_identification_helper").field("purl").text())
	if component.PURL == "" && b.name != "" {
		component.Name = b.name
	}
	if component.Version == "" {
		component.Version = b.version
	}
	c.byID[id] = component
}

// find resolves a product id into the product, and the component of it where
// the id stands for "component of product".
func (c *csafProducts) find(id string) (product, component model.Component, found bool) {
	if part, ok := c.parts[id]; ok {
		outer, _ := c.plain(part.of)
		inner, known := c.plain(part.component)
		if !known {
			inner = c.byID[id]
		}
		return outer, inner, true
	}
	product, found = c.plain(id)
	return product, model.Component{}, found
}

// plain returns the product of an id; that of a part, for instance the module
// of a distribution, is its component.
func (c *csafProducts) plain(id string) (model.Component, bool) {
	for range maxBranches {
		part, ok := c.parts[id]
		if !ok {
			break
		}
		id = part.component
	}
	product, found := c.byID[id]
	if !found {
		return model.Component{Name: id}, false
	}
	return product, true
}

// groupsOf returns the product's id and those of its groups: what a remark may
// be addressed to.
func (c *csafProducts) groupsOf(id string) []string {
	return append([]string{id}, slices.Clone(c.groups[id])...)
}
