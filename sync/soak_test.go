//go:build soak

package sync_test

import "testing"

func TestSoakTwoHundredKills(t *testing.T) { killAndCount(t, 200, 1) }

func TestSoakAThousandKillsWithFourProcesses(t *testing.T) { killAndCount(t, 1000, 4) }
