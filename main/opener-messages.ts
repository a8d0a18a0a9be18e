import { z } from 'zod'
import { LayerOfFile } from '../app/library/opened-file.ts'

/* What the opener says of a file that it takes apart. */

export const OpenedLayer = LayerOfFile.extend({
  /** Its pixels: a PNG file, sRGB, 8-bit RGBA. Groups have none. */
  png: z.instanceof(Uint8Array).optional(),
})
export type OpenedLayer = z.infer<typeof OpenedLayer>

/** The size of the whole, in pixels. */
export const OpenedSize = z.object({ width: z.int().positive(), height: z.int().positive() })
