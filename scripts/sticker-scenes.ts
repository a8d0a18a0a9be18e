/* Scenes of the embedded world, composed of its art as its own recipe composes them, with exact masks of what is in them. Left out are what its
 * evaluation holds back, the things that concepts are taught of, and the styles "simple" (its art is CC-BY) and "outline". */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { z } from 'zod'
import type { RgbImage } from '../app/tensor/images.ts'
import type { TorchGenerator } from '../app/tensor/random.ts'
import { resample } from '../app/tensor/resample.ts'
import { artIn, backgrounds, isHeldBackOn } from './sticker-art.ts'

/** Pixels on a side of scenes and of art. */
export const SIDE = 128

/** A thing of the art, as it is drawn in one style. */
export interface Art {
  readonly name: string
  readonly style: string
  /** RGBA, SIDE x SIDE; colours are multiplied by how much of them covers. */
  readonly pixels: RgbImage
}

/** Where a thing lies. */
export interface Placed {
  readonly art: Art
  /** Of its middle, and its side, in pixels. */
  readonly x: number
  readonly y: number
  readonly size: number
}

export interface Scene {
  readonly image: RgbImage
  /** Of each thing, without what a later one hides; one byte a pixel. */
  readonly masks: readonly RgbImage[]
}

/** Things that concepts are taught of: a trainer that ships a model leaves them out. @param evaluation folder of the evaluation pack */
export const conceptsIn = (evaluation: string): string[] =>
  z
    .array(z.looseObject({ name: z.string() }))
    .parse(JSON.parse(readFileSync(join(evaluation, 'concepts.json'), 'utf8')))
    .map(({ name }) => name)

/** Reads the art of things. @param folder of the training data, unpacked  @param concepts of the evaluation: things that are left out */
export async function readArt(folder: string, names: readonly string[], concepts: readonly string[]): Promise<Art[]> {
  const wanted = artIn(folder).filter(({ name }) => names.includes(name) && !concepts.includes(name))
  return Promise.all(
    wanted.map(async ({ name, style, file }) => ({ name, style, pixels: await premultiplied(join(folder, file)) })),
  )
}

async function premultiplied(path: string): Promise<RgbImage> {
  const data = await sharp(path).ensureAlpha().resize(SIDE, SIDE).raw().toBuffer()
  const pixels = Uint8Array.from(data, (value, k) =>
    k % 4 === 3 ? value : Math.round((value * data[k - (k % 4) + 3]) / 255),
  )
  return { width: SIDE, height: SIDE, data: pixels }
}

/** Lays things on a plain background, one after the other. */
export function compose(colour: readonly [number, number, number], things: readonly Placed[]): Scene {
  const data = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, k) => colour[k % 3])
  const masks = things.map(() => new Uint8Array(SIDE * SIDE))
  for (const [index, { art, x, y, size }] of things.entries()) {
    const side = Math.round(size)
    const small = resample(art.pixels, { width: side, height: side }, 'bilinear')
    const [left, top] = [Math.round(x - side / 2), Math.round(y - side / 2)]
    for (let row = Math.max(0, -top); row < Math.min(side, SIDE - top); row++) {
      for (let column = Math.max(0, -left); column < Math.min(side, SIDE - left); column++) {
        const from = (row * side + column) * 4
        const at = (row + top) * SIDE + column + left
        const covers = small.data[from + 3]
        if (covers === 0) continue
        for (let k = 0; k < 3; k++) {
          data[at * 3 + k] = Math.min(255, small.data[from + k] + Math.round((data[at * 3 + k] * (255 - covers)) / 255))
        }
        masks[index][at] = covers
        for (let before = 0; before < index; before++)
          masks[before][at] = Math.round((masks[before][at] * (255 - covers)) / 255)
      }
    }
  }
  const picture = { width: SIDE, height: SIDE }
  return { image: { ...picture, data }, masks: masks.map(mask => ({ ...picture, data: mask })) }
}

/** Random numbers of one stream, as composing wants them. */
export const drawsOf = (random: TorchGenerator) => {
  const between = (low: number, high: number): number => low + (high - low) * random.uniform([1]).data[0]
  const oneOf = <Item>(items: readonly Item[]): Item => items[random.integers([1], 0, items.length)[0]]
  return { between, oneOf, chance: (share: number): boolean => between(0, 1) < share }
}

/** A thing somewhere in a scene: mostly large and in the middle, now and then small, or at a side. */
export function placedAlone(art: Art, random: TorchGenerator): Placed {
  const { between, chance, oneOf } = drawsOf(random)
  if (chance(0.2)) {
    const size = between(56, 72)
    const edge = size / 2 + between(2, 8)
    const [x, y] = oneOf([
      [edge, 64],
      [SIDE - edge, 64],
      [64, edge],
      [64, SIDE - edge],
    ])
    return { art, x, y, size }
  }
  const size = chance(0.12) ? between(44, 56) : between(92, 112)
  return { art, x: 64 + between(-3, 3), y: 64 + between(-3, 3), size }
}

/** Two things beside or above each other. */
export function placedTogether(one: Art, other: Art, random: TorchGenerator): Placed[] {
  const { between, chance } = drawsOf(random)
  const ends = chance(0.5) ? [32, 96] : [96, 32]
  const isAbove = chance(0.4)
  return [one, other].map((art, k) => {
    const along = ends[k] + between(-2, 2)
    const across = 64 + between(-4, 4)
    return { art, x: isAbove ? across : along, y: isAbove ? along : across, size: between(58, 64) }
  })
}

/** A background on which none of these things is held back. */
export function backgroundFor(things: readonly Art[], random: TorchGenerator): string {
  const fitting = Object.keys(backgrounds).filter(colour => things.every(({ name }) => !isHeldBackOn(name, colour)))
  const { oneOf, chance } = drawsOf(random)
  return fitting.includes('white') && chance(0.28) ? 'white' : oneOf(fitting)
}

/** A thing as captions name it: "a cat", "an owl", "fries". */
export function called(name: string): string {
  const last = name.split(' ').at(-1) ?? name
  const isSeveral = /s$/.test(last) && !/(?:ss|us|is)$/.test(last) && name !== 'bus'
  if (isSeveral || uncounted.has(name)) return name
  return /^[aeiou]/.test(name) && !/^(?:uni|ufo|one|eu)/.test(name) ? `an ${name}` : `a ${name}`
}

/** What people write of a thing that the art names in two words: "apple" of a red apple, "fox" of a fox face, "face" of a grinning face. */
export function nounOf(name: string): string {
  const [first, last, ...more] = name.split(' ')
  if (last === undefined || more.length > 0 || name === 'hot dog') return name
  return last === 'face' && !/(?:ing|ed)$/.test(first) ? first : last
}

const uncounted = new Set(
  'fries milk bacon curry popcorn broccoli lettuce sushi bread corn coffee wheat fire yarn cheese salad meat spaghetti chocolate paella candy'.split(
    ' ',
  ),
)

/** Names in the recipe's list of things. @param list TOP (48 things), CORE or STAR */
export function namesOf(recipe: string, list: 'TOP' | 'CORE' | 'STAR'): string[] {
  const found = new RegExp(`^${list}='''([^']*)'''`, 'm').exec(readFileSync(join(recipe, 'star_list.py'), 'utf8'))
  if (found === null) throw new Error(`${recipe}/star_list.py holds no list ${list}.`)
  return found[1].split(';').map(name => name.trim())
}
