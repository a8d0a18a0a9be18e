import { relative } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import sharp from 'sharp'
import type { ProblemInfo } from '../app/library/records.ts'
import { psnr } from '../app/metrics/psnr.ts'
import { complete } from '../app/operations/complete.ts'
import type {
  Making,
  OpenModels,
  Operation,
  OperationPicture,
  Progress,
  Workshop,
} from '../app/operations/operation.ts'
import { Problem } from '../app/problem.ts'
import type { RgbImage } from '../app/tensor/images.ts'
import { namingFile } from './naming-file.ts'
import { PeakMemory } from './peak-memory.ts'
import { PictureReader } from './picture-reader-process.ts'
import { StepTimes } from './step-times.ts'
import { openTrainingSet } from './training-set.ts'
import type { FromWorker, JobOrder, ToWorker, WorkerProgress } from './worker-messages.ts'

/** What a worker can do. */
export interface WorkerParts {
  readonly operations: Readonly<Record<string, Operation>>
  /** Makes ready what the order is computed on. @returns opens the order's model, when the operation first asks for it */
  readonly prepare: (order: JobOrder) => Promise<() => OpenModels & Pick<Workshop, 'runtime'>>
  readonly mergedLoras: Making['mergedLoras']
}

/** Milliseconds between previews: eight a second are as smooth as anybody needs. */
const PREVIEW_INTERVAL = 125

/** An order that was sent and is not answered yet. */
interface Current {
  readonly order: JobOrder
  readonly abort: AbortController
  isPausing: boolean
  isEnough: boolean
}

/** Runs jobs that the parent process sends, one after the other; between two steps of one that resumes, those that wait and do not. */
export function serveJobs({ operations, prepare, mergedLoras }: WorkerParts): void {
  const known = new Map<string, Current>()
  const waiting: Current[] = []
  let isBusy = false
  let watched = false
  let lastPreview = 0
  const reader = new PictureReader()

  /** Runs what waits and fits, also what comes meanwhile. */
  const runWaiting = async (fits: (order: JobOrder) => boolean): Promise<void> => {
    for (;;) {
      const next = waiting.findIndex(({ order }) => fits(order))
      if (next < 0) return
      const [current] = waiting.splice(next, 1)
      const answer = await run(current)
      known.delete(current.order.id)
      if (known.size === 0) reader.close()
      await send(answer)
    }
  }

  const take = async (order: JobOrder): Promise<void> => {
    const current = { order, abort: new AbortController(), isPausing: false, isEnough: order.keeps === true }
    known.set(order.id, current)
    waiting.push(current)
    if (isBusy) return
    isBusy = true
    await runWaiting(() => true)
    isBusy = false
  }

  const run = async (current: Current): Promise<FromWorker> => {
    const { order, abort } = current
    const { id } = order
    try {
      abort.signal.throwIfAborted()
      // Beside another, the memory of both would be told.
      const memory = known.size === 1 ? new PeakMemory() : undefined
      if (order.compared) return { type: 'done', id, decibels: await compare(current) }
      const times = new StepTimes()
      const pictures = await draw(current, order, progress => times.add(progress))
      const timing = times.end()
      const peakBytes = memory?.bytes
      for (const picture of pictures) await send({ type: 'picture', id, picture: await encodePicture(picture) })
      return { type: 'done', id, ...(timing && { timing }), ...(peakBytes !== undefined && { peakBytes }) }
    } catch (error) {
      // What keeps it from being saved is told: it cannot go on from there.
      if (current.isPausing && error === abort.signal.reason) return { type: 'paused', id }
      if (abort.signal.aborted && !current.isPausing) return { type: 'cancelled', id }
      return { type: 'failed', id, ...describeError(error) }
    }
  }

  const draw = async (current: Current, order: JobOrder, hear: (progress: Progress) => void) =>
    finish(await start(current, order), async progress => {
      hear(progress)
      await send({ type: 'progress', id: order.id, progress: await toWire(progress) })
      await rest(current)
    })

  /** Lets the parent's messages in, which a model's step does not, and lets go first who is quicker. */
  const rest = async ({ order, abort }: Current): Promise<void> => {
    await setImmediate()
    if (order.resumes) await runWaiting(({ resumes }) => !resumes)
    abort.signal.throwIfAborted()
  }

  /** Decibels between the order's pictures and the same ones as stored; null: they are equal. */
  const compare = async (current: Current): Promise<number | null> => {
    const { order } = current
    const asStored = { ...order, precision: { ...order.precision, precision: 'as stored' as const } }
    const references = await draw(current, asStored, () => {})
    const pictures = await draw(current, order, () => {})
    const worst = Math.min(...pictures.map(({ image }, k) => psnr(image.data, references[k].image.data)))
    return Number.isFinite(worst) ? worst : null
  }

  const start = async (current: Current, order: JobOrder) => {
    const operation = operations[order.operation]
    if (!operation) throw new Problem('OPERATION_UNKNOWN', `This Sfumato cannot do "${order.operation}".`)
    const parameters = complete(operation, order.parameters)
    const models = await prepare(order)
    const pictures = order.pictures && openTrainingSet(order.pictures, reader)
    const context = {
      get making() {
        if (order.making === undefined) throw new Error('nobody said where the new model goes')
        return { ...order.making, source: order.model.path, mergedLoras }
      },
      get checkpoint() {
        return models().checkpoint
      },
      get unconditional() {
        return models().unconditional
      },
      get classes() {
        return models().classes
      },
      get upscaler() {
        return models().upscaler
      },
      get masks() {
        return models().masks
      },
      signal: current.abort.signal,
      get wantsPreviews() {
        return watched
      },
      pictures: {
        read: (picture: string, background: string) => {
          const kept = order.given?.[picture]
          const reading = reader.pixels({ path: kept ?? picture, background })
          // Files of the library have names that tell nobody anything.
          if (kept !== undefined || !relative(order.home, picture).startsWith('..')) return reading
          return reading.catch(error => Promise.reject(namingFile(error, picture)))
        },
      },
      get workshop() {
        return {
          ...{ runtime: models().runtime, home: order.home, job: order.id, readPicture, encodePicture: encodePng },
          ...{ isEnough: () => current.isEnough, rest: () => rest(current), ...(pictures && { pictures }) },
          ...(order.featureNetwork !== undefined && { featureNetwork: order.featureNetwork }),
        }
      },
    }
    return operation.run(context, parameters)
  }

  const toWire = async ({ previews, ...plain }: Progress): Promise<WorkerProgress> => {
    const now = performance.now()
    if (!previews?.length || !watched || now - lastPreview < PREVIEW_INTERVAL) return plain
    lastPreview = now
    return { ...plain, previews: await Promise.all(previews.map(encodePreview)) }
  }

  const stop = (current: Current | undefined, isPausing: boolean): void => {
    if (current === undefined) return
    current.isPausing = isPausing
    current.abort.abort()
  }

  process.on('message', async (message: ToWorker) => {
    if (message.type === 'run') await take(message.order)
    else if (message.type === 'watch') watched = message.previews
    else if (message.type === 'keep') {
      const current = known.get(message.id)
      if (current) current.isEnough = true
    } else stop(known.get(message.id), message.type === 'pause')
  })
}

/** Runs an operation to its end. */
async function finish(
  run: AsyncGenerator<Progress, readonly OperationPicture[]>,
  report: (progress: Progress) => Promise<void>,
): Promise<readonly OperationPicture[]> {
  try {
    for (;;) {
      const next = await run.next()
      if (next.done) return next.value
      await report(next.value)
    }
  } finally {
    // After a cancel the generator still holds what it opened.
    await run.return([])
  }
}

/** More pixels than any picture of a training set has. */
const MOST_PIXELS = 2 ** 27

/** A picture of a file, turned upright, in sRGB, on white where it lets light through. */
async function readPicture(path: string): Promise<RgbImage> {
  try {
    const upright = sharp(path, { limitInputPixels: MOST_PIXELS }).rotate().toColourspace('srgb')
    const { data, info } = await upright
      .flatten({ background: 'white' })
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true })
    return { width: info.width, height: info.height, data: new Uint8Array(data.buffer, data.byteOffset, data.length) }
  } catch (cause) {
    throw new Problem('IMAGE_UNREADABLE', `${path} cannot be read as a picture.`, {
      hint: 'Choose a PNG, JPEG or WebP file.',
      cause,
    })
  }
}

const encodePng = ({ data, width, height }: RgbImage): Promise<Uint8Array> =>
  sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()

/** Previews of pictures that are finished come again with each step; they are encoded once. */
const encoded = new WeakMap<RgbImage, Promise<Uint8Array>>()

function encodePreview(preview: RgbImage): Promise<Uint8Array> {
  const png = encoded.get(preview) ?? encodePng(preview)
  encoded.set(preview, png)
  return png
}

async function encodePicture({ image, seed }: OperationPicture) {
  return { png: await encodePng(image), width: image.width, height: image.height, seed: String(seed) }
}

/** What goes to the screen, and what goes to the log. */
function describeError(error: unknown): { problem: ProblemInfo; details: string } {
  const details = error instanceof Error ? `${error.stack}\n${JSON.stringify(detailsOf(error))}` : String(error)
  if (error instanceof Problem) {
    const { code, message, hint } = error
    return { problem: { code, message, ...(hint === undefined ? {} : { hint }) }, details }
  }
  const problem = {
    code: 'OPERATION_FAILED',
    message: 'It failed for a reason that Sfumato does not know.',
    hint: 'Run it again; the log says more.',
  }
  return { problem, details }
}

const detailsOf = (error: Error) => (error instanceof Problem ? error.details : undefined)

/** Resolves when the message is on its way, so that a blocking step does not hold it up. */
export function send(message: FromWorker): Promise<void> {
  return new Promise((resolve, reject) => {
    process.send?.(message, undefined, undefined, error => (error ? reject(error) : resolve()))
  })
}
