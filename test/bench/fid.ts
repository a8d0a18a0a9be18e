/** `npm run bench:fid -- --pictures DIR MODEL...`: how far what models of pixels draw is from the pictures that they learned from, model by model: a curve
 *  where these are what one training kept on its way (`train unconditional --show-every N` keeps them under training/RUN/results in the library's
 *  folder). DIR holds pictures, or a folder of them for each class. Figures depend on the feature network and on the number of pictures.
 *  Options: --count N (pictures that each model draws, 200), --steps N (25), --seed N (0), --network PATH (an InceptionV3 or a CLIP model; usually the
 *  embedded one's), --threads N, --json FILE, --sheet FILE (PNG, a row of 16 pictures for each model). */
import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { targets } from '../../app/graph/targets.ts'
import { openFeatureNetwork } from '../../app/metrics/feature-network.ts'
import { describeCheckpoint } from '../../app/models/describe.ts'
import { PixelClassModel } from '../../app/runtime/pixel-class-model.ts'
import { PixelModel } from '../../app/runtime/pixel-model.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import type { RgbImage } from '../../app/tensor/images.ts'
import { drawPixels } from '../../app/training/draw-pixels.ts'
import { distanceToSet } from '../../app/training/picture-distance.ts'
import { openClassFolders, openPictureFolder } from '../../app/training/picture-folder.ts'
import { pictureOfTiles } from './tiles.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    pictures: { type: 'string' },
    count: { type: 'string', default: '200' },
    steps: { type: 'string', default: '25' },
    seed: { type: 'string', default: '0' },
    network: { type: 'string', default: 'native-models/sticker-world/clip' },
    threads: { type: 'string', default: String(availableParallelism()) },
    json: { type: 'string', default: 'artifacts/fid.json' },
    sheet: { type: 'string', default: 'artifacts/fid.png' },
  },
})
const { pictures: place, network: networkPath } = values
if (place === undefined || positionals.length === 0) throw new Error('Say what is compared: --pictures DIR MODEL...')
const [count, steps, seed] = [Number(values.count), Number(values.steps), BigInt(values.seed)]
const SHOWN = 16

const runtime = new Runtime({ target: targets.cpu, threads: Number(values.threads), memoryBudget: 2 ** 32 })
const between = { signal: new AbortController().signal, rest: async () => {} }

async function read(path: string): Promise<RgbImage> {
  const { data, info } = await sharp(path)
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8Array(data) }
}

/** A model as it is drawn with: a network that is told a class for each picture, which some do not hear. */
function opened(path: string) {
  if (describeCheckpoint(path).kind === 'unconditional') {
    const model = new PixelModel(path, runtime)
    return { model, size: model.shape(1).slice(1), predict: model.predictor.bind(model), isTold: false }
  }
  const model = new PixelClassModel(path, runtime)
  const predict = async (shape: readonly number[], labels: readonly number[]) => {
    const network = await model.predictor(shape)
    return (sample: Parameters<typeof network>[0], timestep: number) => network(sample, timestep, labels)
  }
  return { model, size: model.latentShape(1).slice(1), predict, isTold: true }
}

const first = opened(positionals[0])
const options = { read, size: first.model.description.defaults, mayFlip: false }
const folder = first.isTold ? openClassFolders(place, options) : openPictureFolder(place, { ...options, caption: '' })
const { set } = await folder
const measure = distanceToSet(set, openFeatureNetwork(networkPath, runtime), count, between)
const rows: RgbImage[][] = []
const figures = []
try {
  console.log(`${count} pictures of each model in ${steps} steps, against ${set.examples.length}`)
  console.log(`${'model'.padEnd(28)}${['FID', 'KID'].map(title => title.padStart(12)).join('')}`)
  for (const path of positionals) {
    const { model, size, predict } = opened(path)
    const drawn: RgbImage[] = []
    const distance = await measure(async (examples, place) => {
      const labels = examples.map(index => set.examples[index].label ?? 0)
      const scheduler = model.schedulerConfig
      const images = await drawPixels({ predict, size, scheduler, steps, labels, seed: seed + BigInt(place), between })
      drawn.push(...images)
      return images
    })
    const { fid, kid, network } = distance
    console.log(`${basename(path).padEnd(28)}${fid.toFixed(2).padStart(12)}${kid.toFixed(4).padStart(12)}  ${network}`)
    // Spread over what was drawn, and so over the classes.
    rows.push(
      Array.from({ length: Math.min(SHOWN, count) }, (_, k) => drawn[Math.floor((k * count) / SHOWN)] ?? drawn[k]),
    )
    figures.push({ model: path, steps, ...distance })
    for (const file of [values.json, values.sheet]) mkdirSync(dirname(file), { recursive: true })
    writeFileSync(values.json, JSON.stringify(figures, null, 2))
    writeFileSync(values.sheet, await pictureOfTiles(rows))
  }
} finally {
  await runtime.release()
}
