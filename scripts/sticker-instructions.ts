/** Makes pictures of the embedded world before and after an edit, with what was asked for, to teach instructions:
 *  `node scripts/sticker-instructions.ts ART RECIPE EVALUATION OUT COUNT [SEED]`.
 *  ART is the folder of Sticker World's training data, unpacked; RECIPE its recipe; EVALUATION its evaluation pack, whose things for concepts are left out.
 *  OUT gets `before` and `after`, for `npm run train -- instruct --images OUT/after --before OUT/before`. What an instruction does not name stays to the
 *  pixel. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { TorchGenerator } from '../app/tensor/random.ts'
import { colourable, paints, recoloured } from './recoloured.ts'
import { backgrounds, isHeldBackOn } from './sticker-art.ts'
import {
  type Art,
  backgroundFor,
  called,
  compose,
  conceptsIn,
  drawsOf,
  namesOf,
  nounOf,
  type Placed,
  placedAlone,
  placedTogether,
  readArt,
  SIDE,
} from './sticker-scenes.ts'

interface Picture {
  readonly colour: string
  readonly things: readonly Placed[]
}

interface Edit {
  readonly before: Picture
  readonly after: Picture
  readonly asked: string
}

const [artFolder, recipe, evaluation, out, count, seed = '0'] = process.argv.slice(2)
if (count === undefined) throw new Error('node scripts/sticker-instructions.ts ART RECIPE EVALUATION OUT COUNT [SEED]')
const concepts = conceptsIn(evaluation)
const art = await readArt(artFolder, namesOf(recipe, 'TOP'), concepts)
const random = new TorchGenerator(BigInt(seed))
const { between, oneOf, chance } = drawsOf(random)

const fits = (colour: string, things: readonly Placed[]): boolean =>
  things.every(({ art: { name } }) => !isHeldBackOn(name, colour))
const noun = ({ name }: Art): string => oneOf([name, nounOf(name)])
const otherThings = ({ art: { name, style } }: Placed): Art[] =>
  art.filter(other => other.style === style && other.name !== name)

/** One thing, or two. */
function anyPicture(shareOfTwo: number): Picture {
  const one = oneOf(art)
  if (!chance(shareOfTwo)) return { colour: backgroundFor([one], random), things: [placedAlone(one, random)] }
  const other = oneOf(otherThings(placedAlone(one, random)))
  return { colour: backgroundFor([one, other], random), things: placedTogether(one, other, random) }
}

const changed = ({ colour, things }: Picture, index: number, thing: Partial<Placed>): Picture => ({
  colour,
  things: things.map((each, k) => (k === index ? { ...each, ...thing } : each)),
})

/** Each kind of edit, with how often it is asked for; undefined where it does not go with what was drawn by chance. */
const kinds: readonly (readonly [number, () => Edit | undefined])[] = [
  [0.22, otherBackground],
  [0.26, otherThing],
  [0.1, otherStyle],
  [0.16, otherColour],
  [0.08, otherPlace],
  [0.07, oneMore],
  [0.06, oneLess],
  [0.05, snow],
]

function otherBackground(): Edit | undefined {
  const before = anyPicture(0.25)
  const colour = oneOf(Object.keys(backgrounds))
  if (colour === before.colour || !fits(colour, before.things)) return undefined
  const asked = oneOf([
    `make the background ${colour}`,
    `change the background to ${colour}`,
    `put it on a ${colour} background`,
    `on a ${colour} background`,
    `${colour} background`,
  ])
  return { before, after: { ...before, colour }, asked }
}

function otherThing(): Edit | undefined {
  const before = anyPicture(0.25)
  const index = oneOf([...before.things.keys()])
  const old = before.things[index]
  const next = oneOf(otherThings(old))
  const after = changed(before, index, { art: next })
  if (before.things.some(({ art: { name } }) => name === next.name) || !fits(before.colour, after.things))
    return undefined
  const alone = before.things.length === 1
  const was = noun(old.art)
  const asked = oneOf([
    `turn the ${was} into ${called(next.name)}`,
    `replace the ${was} with ${called(next.name)}`,
    `swap the ${was} for ${called(next.name)}`,
    ...(alone ? [`make it ${called(next.name)}`, `turn it into ${called(next.name)}`] : []),
  ])
  return { before, after, asked }
}

function otherStyle(): Edit | undefined {
  const before = anyPicture(0)
  const [{ art: old }] = before.things
  const next = oneOf(art.filter(({ name }) => name === old.name))
  if (next.style === old.style) return undefined
  const asked = oneOf([
    `make it ${next.style} style`,
    `in ${next.style} style`,
    `draw it in ${next.style} style`,
    `turn it into ${next.style} style`,
  ])
  return { before, after: changed(before, 0, { art: next }), asked }
}

function otherColour(): Edit | undefined {
  const before = anyPicture(0.25)
  const index = before.things.findIndex(({ art: { name } }) => colourable.has(name))
  if (index < 0) return undefined
  const { art: old } = before.things[index]
  const colour = oneOf(Object.keys(paints))
  const first = chance(0.4) ? recoloured(old, oneOf(Object.keys(paints))) : old
  const next = recoloured(old, colour)
  if (first === undefined || next === undefined) return undefined
  const was = nounOf(old.name)
  const asked = oneOf([
    `make the ${was} ${colour}`,
    `paint the ${was} ${colour}`,
    `turn it into a ${colour} ${was}`,
    ...(before.things.length === 1 ? [`make it ${colour}`] : []),
  ])
  return { before: changed(before, index, { art: first }), after: changed(before, index, { art: next }), asked }
}

/** Smaller, larger, or elsewhere. */
function otherPlace(): Edit {
  const { colour, things } = anyPicture(0)
  const thing = { ...things[0], x: 64, y: 64, size: between(92, 112) }
  const small = between(44, 56)
  const side = between(60, 72)
  const edge = side / 2 + between(2, 8)
  const was = noun(thing.art)
  const [words, next] = oneOf<[string, Partial<Placed>]>([
    [oneOf(['make it smaller', `make the ${was} smaller`, 'make it small']), { size: small }],
    [oneOf(['make it larger', `make the ${was} larger`, 'make it large']), { size: between(120, 127) }],
    [oneOf(['move it to the left', `put the ${was} on the left`]), { x: edge, size: side }],
    [oneOf(['move it to the right', `put the ${was} on the right`]), { x: SIDE - edge, size: side }],
    [oneOf(['move it to the top', `put the ${was} at the top`]), { y: edge, size: side }],
    [oneOf(['move it to the bottom', `put the ${was} at the bottom`]), { y: SIDE - edge, size: side }],
  ])
  return { before: { colour, things: [thing] }, after: { colour, things: [{ ...thing, ...next }] }, asked: words }
}

function oneMore(): Edit {
  const after = anyPicture(1)
  const added = oneOf([0, 1])
  const [there] = after.things.filter((_, k) => k !== added)
  const { art: thing, x, y } = after.things[added]
  const isBeside = Math.abs(x - there.x) > Math.abs(y - there.y)
  const [first, second] = isBeside ? ['on the left', 'on the right'] : ['at the top', 'at the bottom']
  const side = (isBeside ? x < there.x : y < there.y) ? first : second
  const asked = oneOf([
    `add ${called(thing.name)}`,
    `add ${called(thing.name)} ${side}`,
    `put ${called(thing.name)} next to the ${noun(there.art)}`,
  ])
  return { before: { ...after, things: [there] }, after, asked }
}

function oneLess(): Edit {
  const before = anyPicture(1)
  const index = oneOf([0, 1])
  const was = noun(before.things[index].art)
  const asked = oneOf([`remove the ${was}`, `take the ${was} away`, `without the ${was}`])
  return { before, after: { ...before, things: before.things.filter((_, k) => k !== index) }, asked }
}

/** Flakes fall before all of it. */
function snow(): Edit {
  const before = anyPicture(0.2)
  const flakes = Array.from({ length: 40 }, () => {
    const [x, y] = [between(0, SIDE), between(0, SIDE)]
    return { art: flake, x, y, size: between(5, 11) }
  })
  const after = { ...before, things: [...before.things, ...flakes] }
  return { before, after, asked: oneOf(['make it snowy', 'let it snow', 'add snow']) }
}

const flake: Art = {
  name: 'flake',
  style: '',
  pixels: {
    ...{ width: SIDE, height: SIDE },
    data: Uint8Array.from({ length: SIDE * SIDE * 4 }, (_, k) => {
      const place = Math.floor(k / 4)
      const away = Math.hypot((place % SIDE) - SIDE / 2, Math.floor(place / SIDE) - SIDE / 2) / (SIDE / 2)
      return Math.round(255 * Math.min(Math.max((1 - away) * 3, 0), 1))
    }),
  },
}

function anyKind(): () => Edit | undefined {
  let left = between(0, 1)
  for (const [share, make] of kinds) {
    left -= share
    if (left < 0) return make
  }
  return otherThing
}

function anyEdit(): Edit {
  for (;;) {
    const edit = anyKind()()
    if (edit !== undefined) return edit
  }
}

async function write(folder: string, name: string, { colour, things }: Picture, words?: string): Promise<void> {
  const { data, width, height } = compose(backgrounds[colour], things).image
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(join(out, folder, `${name}.png`))
  if (words !== undefined) writeFileSync(join(out, folder, `${name}.txt`), words)
}

for (const folder of ['before', 'after']) mkdirSync(join(out, folder), { recursive: true })
for (let k = 0; k < Number(count); k++) {
  const { before, after, asked } = anyEdit()
  const name = String(k).padStart(5, '0')
  await write('before', name, before)
  await write('after', name, after, asked)
}
