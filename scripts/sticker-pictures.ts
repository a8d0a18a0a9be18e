/** The pictures that the models without words in native-models/ learned from: `node scripts/sticker-pictures.ts ART OUT`.
 *  ART is the folder of Sticker World's training data, unpacked: captions.json, and pictures of things with transparent surroundings, 128 x 128.
 *  OUT gets `faces` (500 pictures) and `kinds` (a folder of 100 for each class), each 32 x 32, one thing on a plain background. The same
 *  pictures come out each time. Left out are the style "simple" (its art is CC-BY), "outline" (it has no colours), and the combinations of things with
 *  styles and backgrounds that Sticker World was never shown. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { TorchGenerator } from '../app/tensor/random.ts'
import { type ArtFile, artIn, backgrounds, isHeldBackOn } from './sticker-art.ts'

const SIDE = 32
/** Sides of things in pixels, and how far they are from the middle at most. */
const SMALLEST = 26
const LARGEST = 30
const SHIFT = 1

const list = (names: string): string[] => names.split(',').map(name => name.trim())

const animals =
  list(`monkey face, dog face, wolf face, fox face, raccoon face, cat face, lion face, tiger face, horse face, cow face,
  pig face, mouse face, hamster face, rabbit face, bear face, polar bear face, koala face, panda face, frog face`)
const smileys =
  list(`grinning face, face with tears of joy, winking face, smiling face with halo, smiling face with hearts,
  smiling face with heart-eyes, star-struck, face blowing a kiss, face with tongue, zany face, money-mouth face, thinking face,
  zipper-mouth face, neutral face, grimacing face, sleeping face, face with medical mask, nauseated face, hot face, cold face,
  cowboy hat face, partying face, smiling face with sunglasses, nerd face, face with monocle, astonished face, pleading face,
  loudly crying face, face screaming in fear, enraged face, smiling face with horns`)
const kinds: Readonly<Record<string, readonly string[]>> = {
  animal: animals,
  ball: list('soccer ball, baseball, basketball, volleyball, eight ball'),
  flower: list('cherry blossom, white flower, rose, hibiscus, sunflower, blossom, tulip, bouquet'),
  fruit:
    list(`grapes, melon, watermelon, tangerine, lemon, banana, pineapple, mango, red apple, green apple, pear, peach, cherries,
    strawberry, kiwi, tomato, coconut`),
  heart:
    list(`red heart, orange heart, yellow heart, green heart, blue heart, purple heart, brown heart, black heart, white heart,
    broken heart, sparkling heart, two hearts, heart with arrow, heart with ribbon`),
  smiley: smileys,
  tree: list('pine tree, tree, palm tree, christmas tree, cactus'),
  vehicle:
    list(`tram, bus, minibus, ambulance, fire engine, police car, taxi, car, blue van, pickup truck, truck, big truck, tractor,
    race car, locomotive`),
}

/** Draws pictures of things, each of its styles as often as the others. */
async function draw(art: readonly ArtFile[], folder: string, count: number, random: TorchGenerator): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const whole = (low: number, high: number) => random.integers([1], low, high + 1)[0]
  let order: ArtFile[] = []
  for (let k = 0; k < count; k++) {
    if (order.length === 0) order = random.permutation(art.length).map(place => art[place])
    const [thing] = order.splice(0, 1)
    const colours = Object.keys(backgrounds).filter(colour => !isHeldBackOn(thing.name, colour))
    const [r, g, b] = backgrounds[colours[whole(0, colours.length - 1)]]
    const side = whole(SMALLEST, LARGEST)
    const most = Math.min(SHIFT, Math.floor((SIDE - side) / 2))
    const place = () => Math.floor((SIDE - side) / 2) + whole(-most, most)
    const input = await sharp(join(source, thing.file)).resize(side, side).png().toBuffer()
    await sharp({ create: { width: SIDE, height: SIDE, channels: 3, background: { r, g, b } } })
      .composite([{ input, left: place(), top: place() }])
      .png()
      .toFile(join(folder, `${String(k).padStart(3, '0')}.png`))
  }
}

const [source, target] = process.argv.slice(2)
if (source === undefined || target === undefined) throw new Error('node scripts/sticker-pictures.ts ART OUT')
const all = artIn(source)
const artOf = (names: readonly string[]) => all.filter(art => names.includes(art.name))

await draw(artOf([...smileys, ...animals]), join(target, 'faces'), 500, new TorchGenerator(1n))
for (const [kind, names] of Object.entries(kinds)) {
  const missing = names.filter(name => !all.some(art => art.name === name))
  if (missing.length > 0) throw new Error(`There is no picture of ${missing.join(', ')}.`)
  await draw(artOf(names), join(target, 'kinds', kind), 100, new TorchGenerator(BigInt(crc32(kind))))
}
