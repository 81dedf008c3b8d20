package picture

import (
	"bufio"
	"fmt"
	"image/png"
	"os"
)

// WriteFile draws the screen and writes it to a PNG file.
func WriteFile(name string, s *Screen, o Options) (err error) {
	img, err := Render(s, o)
	if err != nil {
		return err
	}
	file, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	defer func() {
		if closing := file.Close(); err == nil && closing != nil {
			err = fmt.Errorf("writing the picture %s: %w", name, closing)
		}
	}()
	out := bufio.NewWriter(file)
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	if err := encoder.Encode(out, img); err != nil {
		return fmt.Errorf("encoding the picture %s: %w", name, err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("writing the picture %s: %w", name, err)
	}
	return nil
}
