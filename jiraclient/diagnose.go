package jiraclient

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// diagnose says in a sentence why signing in failed, and what to do (I17).
func (c *Client) diagnose(err error) Problem {
	site := c.base.Host
	problem := Problem{Message: err.Error(), Hint: HintOf(err)}
	var api *APIError
	var transport *TransportError
	var answer *AnswerError
	switch {
	case errors.As(err, &api):
		if message := c.refused(api); message != "" {
			problem.Message = message
		}
		switch {
		case api.Status == http.StatusNotFound:
			problem.Hint = c.addressHint()
		case api.Status == http.StatusForbidden && !api.HTML && !api.Captcha && c.dialect.deployment() == DataCenter:
			problem.Hint = "ask a Jira administrator whether the account may use Jira, and whether basic authentication is allowed; a personal access token works without it"
		case api.Status == http.StatusForbidden && !api.HTML && !api.Captcha:
			problem.Hint = "ask an administrator of the site to give the account access to Jira"
		}
	case errors.As(err, &transport):
		if t := troubleOf(transport.Err); t.what != "" {
			problem.Message = fmt.Sprintf("%s cannot be reached: %s", transport.Host, t.what)
		}
	case errors.As(err, &answer) && errors.Is(answer.Kind, ErrRedirected):
		problem.Message = fmt.Sprintf("%s sends to %s instead of answering", site, answer.Location)
		problem.Hint = "if that is your Jira, make it the connection's address; if it is a login page, single sign-on stands before the API: ask for an API address or a personal access token that passes it"
		if answer.Location == c.base.Scheme+"://"+site {
			problem.Message = site + " sends to another page of its own instead of answering, as to log in"
		}
	case errors.As(err, &answer) && errors.Is(answer.Kind, ErrNotJSON):
		problem.Message = site + " answered with a web page where Jira's API was asked for"
	case errors.As(err, &answer):
		problem.Message = fmt.Sprintf("%s gave an answer that cannot be read: %v", site, err)
	}
	return problem
}

// refused is the sentence for an error answer, "" when Jira's own words do.
func (c *Client) refused(e *APIError) string {
	site := c.base.Host
	switch {
	case e.Captcha:
		return site + " has had too many failed logins of this account and wants a person to pass a CAPTCHA"
	case e.Scope:
		need := needOf(e.Method, e.Route)
		return fmt.Sprintf("the token is good, but lacks the scope %s, needed for %s", need.Classic, need.NeededFor)
	case e.Status == http.StatusUnauthorized:
		return site + " does not accept the credentials: they are wrong, expired or revoked"
	case e.Status == http.StatusForbidden && e.HTML:
		return "something before " + site + " does not let the request through"
	case e.Status == http.StatusForbidden:
		return site + " knows the account and does not let it use the API"
	case e.Status == http.StatusNotFound && e.HTML:
		return "there is no Jira at " + c.base.String() + ": a page says that nothing was found"
	case e.Status == http.StatusNotFound:
		return "there is no API of this kind of Jira at " + c.base.String()
	case e.Status == http.StatusTooManyRequests && e.RetryAfter > 0:
		return fmt.Sprintf("%s asks to wait %s before the next request", site, e.RetryAfter.Round(time.Second))
	case e.Status == http.StatusTooManyRequests:
		return site + " asks to slow down"
	case e.Status == http.StatusServiceUnavailable:
		return site + " is not available just now, as during maintenance or a start"
	case e.Status == http.StatusBadGateway, e.Status == http.StatusGatewayTimeout:
		return fmt.Sprintf("the proxy before %s got no good answer from Jira (%d)", site, e.Status)
	case e.Status >= 500:
		return fmt.Sprintf("%s has a problem of its own (%d)", site, e.Status)
	}
	return ""
}

func (c *Client) addressHint() string {
	if c.dialect.deployment() == DataCenter {
		return "check the address; a Data Center often lies below a path, such as https://jira.example.com/jira"
	}
	if strings.HasSuffix(c.base.Hostname(), ".atlassian.net") {
		return "check the site's name: the address is that of your Jira in the browser, up to .atlassian.net"
	}
	return "check the address; when this is a Jira of your own, add the connection with --type datacenter"
}
