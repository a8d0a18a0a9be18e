import { z } from 'zod'
import { ProblemInfo } from '../app/library/records.ts'
import { mostPixels } from './decoder-limits.ts'

/* What the picture reader is asked, and what it may answer: frames [number of the question, kind, payload]. */

/** Bytes of the longest answer: the pixels of the largest picture. */
export const largestPixels = mostPixels * 3 + 2 ** 20

/** A part of an upright picture in pixels of it; fractions are allowed. */
const Box = z.object({ left: z.number(), top: z.number(), right: z.number(), bottom: z.number() })

const Size = z.object({ width: z.int().positive(), height: z.int().positive() })

export const PixelRequest = z.object({
  path: z.string(),
  /** What stands behind transparent places, as `#rrggbb`. */
  background: z.string().regex(/^#[0-9a-f]{6}$/i),
  /** SHA-256 that the file must have. */
  hash: z.string().optional(),
  /** What is made of it; default: the whole picture as large as it is. */
  resized: z.object({ size: Size, box: Box }).optional(),
})
export type PixelRequest = z.infer<typeof PixelRequest>

/** What is seen of a picture at first sight. */
export const LookedAt = z.object({
  /** SHA-256 of the file. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  /** Pixels, upright. */
  width: z.int().positive(),
  height: z.int().positive(),
  format: z.string().max(20),
  /** More than 1: it moves; its first frame counts. */
  frames: z.int().positive(),
  hasAlpha: z.boolean(),
  /** See `perceptualHash`: 22 hexadecimal digits. */
  perceptualHash: z.string().regex(/^[0-9a-f]{22}$/),
  /** A WebP file. */
  thumbnail: z.instanceof(Uint8Array),
  /** What the text file beside it says. */
  caption: z.string().optional(),
  /** What it was drawn from, where it says so itself. */
  prompt: z.string().optional(),
})
export type LookedAt = z.infer<typeof LookedAt>

export const Pixels = Size.extend({ data: z.instanceof(Uint8Array) }).refine(
  ({ width, height, data }) => data.length === width * height * 3,
)

/** A picture as a PNG file: what is asked for is turned upright, in sRGB, with 8 bits and nothing transparent. */
export const PlainFile = Size.extend({ png: z.instanceof(Uint8Array) })
export type PlainFile = z.infer<typeof PlainFile>

export const Refusal = ProblemInfo

/** The path in a question. */
export const pathOf = (payload: unknown): string => z.object({ path: z.string() }).parse(payload).path
