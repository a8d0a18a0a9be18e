/** Makes pictures of the embedded world with a mask of each thing, to teach the smart brush: `node scripts/sticker-shapes.ts ART RECIPE EVALUATION OUT COUNT [SEED]`.
 *  ART is the folder of Sticker World's training data, unpacked; RECIPE its recipe; EVALUATION its evaluation pack, whose things for concepts are left out.
 *  OUT gets `pictures` and `masks`, for `npm run train -- smart-brush --images OUT/pictures --object-masks OUT/masks`. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import type { RgbImage } from '../app/tensor/images.ts'
import { TorchGenerator } from '../app/tensor/random.ts'
import { backgrounds } from './sticker-art.ts'
import {
  type Art,
  backgroundFor,
  called,
  compose,
  conceptsIn,
  drawsOf,
  namesOf,
  placedAlone,
  placedTogether,
  readArt,
} from './sticker-scenes.ts'

const [artFolder, recipe, evaluation, out, count, seed = '0'] = process.argv.slice(2)
if (count === undefined) throw new Error('node scripts/sticker-shapes.ts ART RECIPE EVALUATION OUT COUNT [SEED]')
const concepts = conceptsIn(evaluation)
const all = await readArt(artFolder, namesOf(recipe, 'TOP'), concepts)
const wordsOf = ({ name, style }: Art): string => `${called(name)}, ${style} style`
const styles: readonly string[] = ['3d', 'flat', 'cartoon']
const art = all.filter(({ style }) => styles.includes(style))
const random = new TorchGenerator(BigInt(seed))
const { oneOf, chance } = drawsOf(random)
for (const name of ['pictures', 'masks']) mkdirSync(join(out, name), { recursive: true })
for (let k = 0; k < Number(count); k++) {
  const one = oneOf(art)
  const other = chance(0.3)
    ? oneOf(art.filter(({ style, name }) => style === one.style && name !== one.name))
    : undefined
  const things = other === undefined ? [one] : [one, other]
  const colour = backgroundFor(things, random)
  const placed = other === undefined ? [placedAlone(one, random)] : placedTogether(one, other, random)
  const { image, masks } = compose(backgrounds[colour], placed)
  const name = String(k).padStart(5, '0')
  const whole = `${things.map(each => called(each.name)).join(' and ')}, ${one.style} style, on a ${colour} background`
  await write('pictures', name, image, whole)
  for (const [index, mask] of masks.entries())
    await write('masks', `${name}.${index + 1}`, mask, wordsOf(things[index]))
}

async function write(folder: string, name: string, { data, width, height }: RgbImage, words: string): Promise<void> {
  const channels = data.length === width * height ? 1 : 3
  await sharp(data, { raw: { width, height, channels } })
    .png()
    .toFile(join(out, folder, `${name}.png`))
  writeFileSync(join(out, folder, `${name}.txt`), words)
}
