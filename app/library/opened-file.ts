import { z } from 'zod'

/** Names of CSS's mix-blend-mode. */
export const blendModes = [
  ...(['normal', 'multiply', 'screen', 'overlay', 'darken', 'lighten', 'color-dodge', 'color-burn'] as const),
  ...(['hard-light', 'soft-light', 'difference', 'exclusion', 'hue', 'saturation', 'color', 'luminosity'] as const),
] as const

/** A layer of a file that was taken apart, from the lowest. Those of a group follow it, one deeper. */
export const LayerOfFile = z.object({
  kind: z.enum(['image', 'group']),
  name: z.string().max(10_000),
  /** How many groups it lies in. */
  depth: z.int().min(0).max(100),
  /** 0 to 1 */
  opacity: z.number().min(0).max(1),
  blend: z.enum(blendModes),
  isVisible: z.boolean(),
  /** Where it lies in the whole, in pixels; it may reach beyond. */
  left: z.int(),
  top: z.int(),
  width: z.int().min(0),
  height: z.int().min(0),
})
export type LayerOfFile = z.infer<typeof LayerOfFile>

/** A file with its layers; the pixels of each are at `blob/<picture>`, a PNG file, sRGB, 8-bit RGBA. Groups have none. */
export const OpenedFile = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  layers: z.array(LayerOfFile.extend({ picture: z.string().optional() })),
})
export type OpenedFile = z.infer<typeof OpenedFile>
