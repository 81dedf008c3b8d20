package jiraclient

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// atlassianGateway is where Atlassian takes API requests for all sites. An API
// token with scopes and OAuth 2 are accepted there alone.
const atlassianGateway = "https://api.atlassian.com"

// behindGateway is the API of a site by its cloud id.
func behindGateway(gateway, cloudID string) (*url.URL, error) {
	if gateway == "" {
		gateway = atlassianGateway
	}
	u, err := parseBaseURL(gateway)
	if err != nil {
		return nil, err
	}
	if strings.ContainsAny(cloudID, "/.?#% ") {
		return nil, &RequestError{Problem: "the cloud id " + clean(cloudID) + " cannot be a part of an address", Advice: "verify the connection again"}
	}
	return u.JoinPath("ex", "jira", cloudID), nil
}

// CloudID names the site at Atlassian's gateway, through which the client goes;
// empty when it goes to the site itself. Verify finds out where that is needed:
// what it found is to be stored and given back as Config.CloudID.
func (c *Client) CloudID() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cloudID
}

// useGateway sends all further requests through the gateway; an empty id sends
// them to the site.
func (c *Client) useGateway(cloudID string) error {
	api := c.base
	if cloudID != "" {
		var err error
		if api, err = behindGateway(c.gateway, cloudID); err != nil {
			return err
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.api, c.cloudID = api, cloudID
	return nil
}

// apiBase is the address below which the API lies.
func (c *Client) apiBase() *url.URL {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.api
}

// FindCloudID asks the site for its cloud id, without credentials.
func (c *Client) FindCloudID(ctx context.Context) (string, error) {
	var out struct {
		CloudID string `json:"cloudId"`
	}
	if err := c.do(ctx, call{method: http.MethodGet, route: "/_edge/tenant_info", site: true, read: true, out: &out}); err != nil {
		return "", err
	}
	if out.CloudID == "" {
		return "", &AnswerError{Method: http.MethodGet, Route: "/_edge/tenant_info", Status: http.StatusOK, Kind: ErrInvalidAnswer}
	}
	return out.CloudID, nil
}

// signIn is Myself; where the site of a Cloud does not accept an API token the
// gateway is tried, because one with scopes is accepted there alone. The error
// is the site's unless the gateway knows the token.
func (c *Client) signIn(ctx context.Context) (User, error) {
	me, err := c.Myself(ctx)
	if _, token := c.auth.(BasicAuth); !token || c.dialect.deployment() != Cloud || c.CloudID() != "" || !errors.Is(err, ErrUnauthorized) || errors.Is(err, ErrCaptcha) {
		return me, err
	}
	id, idErr := c.FindCloudID(ctx)
	if idErr != nil || c.useGateway(id) != nil {
		return me, err
	}
	me, gatewayErr := c.Myself(ctx)
	if gatewayErr == nil || errors.Is(gatewayErr, ErrMissingScope) || errors.Is(gatewayErr, ErrForbidden) {
		return me, gatewayErr
	}
	if useErr := c.useGateway(""); useErr != nil {
		return me, useErr
	}
	return me, err
}
