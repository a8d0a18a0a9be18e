/** The pictures that the models without words in native-models/ learned from: `node scripts/sticker-pictures.ts ART OUT`.
 *  ART is the folder of Sticker World's training data, unpacked: captions.json, and pictures of things with transparent surroundings, 128 x 128.
 *  OUT gets `faces` (500 pictures) and `kinds` (a folder of 100 for each class), each 32 x 32, one thing on a plain background. The same
 *  pictures come out each time. Left out are the style "simple" (its art is CC-BY), "outline" (it has no colours), and the combinations of things with
 *  styles and backgrounds that Sticker World was never shown. */
import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import sharp from 'sharp'
import { z } from 'zod'
import { TorchGenerator } from '../app/tensor/random.ts'

const SIDE = 32
const STYLES = ['3d', 'flat', 'cartoon']
/** Sides of things in pixels, and how far they are from the middle at most. */
const SMALLEST = 26
const LARGEST = 30
const SHIFT = 1

const backgrounds: Readonly<Record<string, readonly [number, number, number]>> = {
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

interface Art {
  readonly name: string
  readonly style: string
  readonly file: string
}

/** The combinations that Sticker World's recipe holds back, which its evaluation asks for. */
const isHeldBack = ({ name, style }: Art): boolean => crc32(`pair|${name}|${style}`) % 20 === 0
const isHeldBackOn = ({ name }: Art, background: string): boolean => crc32(`bg|${name}|${background}`) % 25 === 0

/** Draws pictures of things, each of its styles as often as the others. */
async function draw(art: readonly Art[], folder: string, count: number, random: TorchGenerator): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const whole = (low: number, high: number) => random.integers([1], low, high + 1)[0]
  let order: Art[] = []
  for (let k = 0; k < count; k++) {
    if (order.length === 0) order = random.permutation(art.length).map(place => art[place])
    const [thing] = order.splice(0, 1)
    const colours = Object.keys(backgrounds).filter(colour => !isHeldBackOn(thing, colour))
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
const captions = z
  .array(z.object({ name: z.string(), style: z.string(), file: z.string() }))
  .parse(JSON.parse(readFileSync(join(source, 'captions.json'), 'utf8')))
const artOf = (names: readonly string[]) =>
  captions.filter(art => names.includes(art.name) && STYLES.includes(art.style) && !isHeldBack(art))

await draw(artOf([...smileys, ...animals]), join(target, 'faces'), 500, new TorchGenerator(1n))
for (const [kind, names] of Object.entries(kinds)) {
  const missing = names.filter(name => !captions.some(art => art.name === name))
  if (missing.length > 0) throw new Error(`There is no picture of ${missing.join(', ')}.`)
  await draw(artOf(names), join(target, 'kinds', kind), 100, new TorchGenerator(BigInt(crc32(kind))))
}
