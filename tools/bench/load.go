package main

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/storage/storagetest"
)

// whileWriting calls f while reports of a thousand findings go into the
// workspace, one after the other.
func whileWriting(ctx context.Context, home string, f func() error) error {
	s, err := storage.Open(ctx, filepath.Join(home, "vexdesk.db"), storage.Options{})
	if err != nil {
		return err
	}
	writing, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var failed error
	wg.Go(func() {
		for seed := uint64(1); writing.Err() == nil && failed == nil; seed++ {
			failed = write(writing, s, seed)
		}
	})
	err = f()
	stop()
	wg.Wait()
	if errors.Is(failed, context.Canceled) {
		failed = nil
	}
	return errors.Join(err, failed, s.Close())
}

func write(ctx context.Context, s *storage.Store, seed uint64) (err error) {
	const findings = 1000
	header, all, err := storagetest.Report(storagetest.ShapeOf(findings*10), seed, int(seed%10), findings)
	if err != nil {
		return err
	}
	im, err := s.NewImport(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, im.Close()) }()
	for i := range all {
		if err := im.Add(ctx, &all[i]); err != nil {
			return err
		}
	}
	_, err = im.Commit(ctx, &header, storage.ImportOptions{File: header.Product + ".json", Actor: model.Actor{Name: "bench", Source: "import"}})
	return err
}
