package model

import "testing"

func TestUnknownIsALevelOfItsOwn(t *testing.T) {
	if SeverityUnknown.Worse(SeverityInfo) || !SeverityInfo.Worse(SeverityUnknown) {
		t.Error("unknown says nothing, so that any stated severity is worse")
	}
	if WorstSeverity(SeverityUnknown, SeverityInfo) != SeverityInfo || WorstSeverity() != SeverityUnknown {
		t.Error("the worst is a stated one where there is one")
	}
	want := []string{"critical", "high", "medium", "low", "unknown", "info"}
	for rank, s := range Severities() {
		if s.String() != want[rank] || s.Rank() != rank || SeverityOfRank(rank) != s {
			t.Errorf("rank %d is %s", rank, s)
		}
	}
}

func TestReportSeverityReadsWhatScannersWrite(t *testing.T) {
	for word, want := range map[string]Severity{"Critical": SeverityCritical, "IMPORTANT": SeverityHigh, "moderate": SeverityMedium, "Minor": SeverityLow,
		"Negligible": SeverityInfo, "none": SeverityInfo, "": SeverityUnknown, "Pending": SeverityUnknown} {
		if got := ReportSeverity(word); got != want {
			t.Errorf("%q is %s, want %s", word, got, want)
		}
	}
}

func TestScoresFallIntoTheBandsOfCVSS(t *testing.T) {
	for score, want := range map[float64]Severity{-1: SeverityUnknown, 0: SeverityInfo, 0.1: SeverityLow, 3.9: SeverityLow, 4: SeverityMedium, 6.9: SeverityMedium, 7: SeverityHigh, 8.9: SeverityHigh, 9: SeverityCritical, 10: SeverityCritical} {
		if got := SeverityOfScore(score); got != want {
			t.Errorf("%.1f is %s, want %s", score, got, want)
		}
	}
}
