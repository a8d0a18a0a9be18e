/** The art of Sticker World's training data: which of it is learned from, and what it is laid on. Its evaluation holds some combinations back. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { z } from 'zod'

/** Left out are the style "simple" (its art is CC-BY) and "outline" (it has no colours). */
const STYLES = ['3d', 'flat', 'cartoon']

export const backgrounds: Readonly<Record<string, readonly [number, number, number]>> = {
  white: [255, 255, 255],
  black: [18, 18, 20],
  gray: [150, 152, 156],
  red: [222, 52, 52],
  orange: [250, 150, 50],
  yellow: [250, 220, 70],
  green: [70, 175, 80],
  lime: [180, 230, 80],
  teal: [30, 140, 140],
  'light blue': [150, 210, 245],
  blue: [45, 100, 225],
  'dark blue': [25, 40, 100],
  purple: [130, 70, 190],
  pink: [250, 160, 200],
  brown: [125, 80, 50],
  beige: [240, 224, 192],
}

/** A thing, as it is drawn in one style. */
export interface ArtFile {
  readonly name: string
  readonly style: string
  /** From the folder of the data. */
  readonly file: string
}

/** Whether the evaluation holds a thing back in a style. */
const isHeldBack = ({ name, style }: ArtFile): boolean => crc32(`pair|${name}|${style}`) % 20 === 0
/** Whether it holds a thing back on a background. */
export const isHeldBackOn = (name: string, background: string): boolean => crc32(`bg|${name}|${background}`) % 25 === 0

/** All things of the data that may be learned from. @param folder of the data, unpacked: captions.json and the pictures it names */
export function artIn(folder: string): ArtFile[] {
  return z
    .array(z.object({ name: z.string(), style: z.string(), file: z.string() }))
    .parse(JSON.parse(readFileSync(join(folder, 'captions.json'), 'utf8')))
    .filter(art => STYLES.includes(art.style) && !isHeldBack(art))
}
