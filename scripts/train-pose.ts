/** Trains the network that finds the joints of Sticker World's characters, with the studio's own training loop.
 *
 *      node scripts/train-pose.ts DATA OUT [--steps 2000] [--enough STEP] [--batch 16] [--home FOLDER]
 *
 *  DATA holds `pictures.rgb` (128 x 128 RGB, one after the other) and `poses.json` (for each the 18 joints as [x, y] in pixels): what
 *  scripts/sticker-poses.py writes with Sticker World's recipe. OUT becomes the folder of the model. */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { targets } from '../app/graph/targets.ts'
// Its declaration of JSON.parse is the whole app's.
import type {} from '../app/library/recipe/recipe-json.ts'
import { parseConfig } from '../app/models/family.ts'
import { poseNetwork } from '../app/models/pose-network.ts'
import { Runtime } from '../app/runtime/runtime.ts'
import { firstWeights } from '../app/training/first-weights.ts'
import { train } from '../app/training/loop.ts'
import { type PosedPicture, poseTask } from '../app/training/pose-task.ts'
import { writeFileSafely } from '../app/weights/safe-file.ts'
import { writeSafetensors } from '../app/weights/safetensors.ts'

const SIDE = 128
const SEED = 1n

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: '2000' },
    /** The step after which it ends and keeps what was learned. */
    enough: { type: 'string' },
    batch: { type: 'string', default: '16' },
    home: { type: 'string', default: join(tmpdir(), 'sfumato-pose') },
  },
})
const [data, out] = positionals
if (data === undefined || out === undefined) throw new Error('usage: node scripts/train-pose.ts DATA OUT')

const config = { _class_name: poseNetwork.className, ...parseConfig(poseNetwork, {}, 'config.json') }

function write(
  folder: string,
  tensors: Iterable<[string, { shape: readonly number[]; data: Float32Array }]>,
  title: object,
) {
  mkdirSync(folder, { recursive: true })
  const entries = [...tensors].map(([key, { shape, data }]) => [key, { dtype: 'F32', shape, data }] as const)
  writeSafetensors(join(folder, 'diffusion_pytorch_model.safetensors'), entries, { format: 'pt', ...title })
  writeFileSafely(join(folder, 'config.json'), [Buffer.from(`${JSON.stringify(config, undefined, 2)}\n`)])
}

function pictures(): PosedPicture[] {
  const bytes = new Uint8Array(readFileSync(join(data, 'pictures.rgb')))
  const poses: [number, number][][] = JSON.parse(readFileSync(join(data, 'poses.json'), 'utf8'))
  const size = SIDE * SIDE * 3
  return poses.map((joints, k) => ({
    image: { width: SIDE, height: SIDE, data: bytes.subarray(k * size, (k + 1) * size) },
    figure: joints.map(([x, y]) => ({ x, y })),
  }))
}

const start = join(values.home, 'start')
const known = parseConfig(poseNetwork, config, 'config.json')
if (!existsSync(start)) write(start, firstWeights(poseNetwork, 'find', known, { batch: 1 }, SEED), {})
const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 32 })
const task = poseTask({ runtime, model: start, pictures: pictures(), batch: Number(values.batch) })
const steps = Number(values.steps)
const enough = Number(values.enough ?? steps)
let done = 0
const run = train({
  task,
  plan: {
    ...{ steps, seed: SEED, accumulation: 1, longestGradient: 1 },
    learningRate: { schedule: 'cosine', rate: 2e-3, warmUp: 40 },
    optimiser: { name: 'AdamW', options: { weightDecay: 0.01 } },
    average: { decay: 0.995 },
  },
  habits: {
    folder: join(values.home, 'run'),
    identity: `pose of ${data}, batches of ${values.batch}`,
    saveEvery: 20,
    keep: 2,
  },
  signal: new AbortController().signal,
  isEnough: () => done >= enough - 1,
})
let next = await run.next()
for (; !next.done; next = await run.next()) {
  const { step, total, loss, secondsLeft } = next.value
  done = step
  if (step % 25 === 0)
    console.log(`${step} of ${total}, loss ${loss.toFixed(4)}, ${Math.round(secondsLeft ?? 0)} s left`)
}
const learned = next.value
const shapes = task.shapes
write(
  out,
  [...learned].map(([key, numbers]): [string, { shape: readonly number[]; data: Float32Array }] => [
    key,
    { shape: shapes.get(key) ?? [], data: numbers },
  ]),
  {
    'modelspec.title': 'Sticker World joints',
    'modelspec.license': 'cc-by-4.0',
    'modelspec.description': 'Finds the 18 joints of one character of Sticker World.',
  },
)
await runtime.release()
