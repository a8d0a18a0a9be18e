import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import { implement, ORPCError } from '@orpc/server'
import { RPCHandler } from '@orpc/server/message-port'
import {
  contract,
  type Download,
  type Image,
  type Job,
  type JobProgress,
  type ModelInfo,
  type Recipe,
  type StudioEvent,
} from '../../app/api/contract.ts'

import type { Api } from '../state/api.ts'
import { standInBoards, standInFacets, standInMarks } from './stand-in-boards.ts'
import { standInDatasets } from './stand-in-datasets.ts'
import { standInDocuments } from './stand-in-documents.ts'
import { standInLineage } from './stand-in-lineage.ts'
import { standInPrompts, standInStyles } from './stand-in-prompts.ts'
import { standInTrainings } from './stand-in-trainings.ts'
import { addition, MODEL, OPERATION, PLAN, SAMPLERS } from './told.ts'

/** An engine in memory that keeps to the contract, for unit tests and for the page beside this file. Never bundled. */

export interface World {
  /** Pictures that it knows to draw, each a hash at `blob/<hash>` and its prompt. */
  readonly pictures: readonly { readonly hash: string; readonly prompt: string }[]
  /** How many pictures are in the library at the start. */
  readonly library: number
  /** Models beside the embedded one. */
  readonly models?: readonly ModelInfo[]
  /** Milliseconds of a step. */
  readonly pace: number
  /** A small picture of a step, as a data: URL. */
  readonly preview?: (hash: string, share: number) => Promise<string>
  readonly now?: () => number
}

const DAY = 86_400_000

/** The router, and a few hands to make things happen that are hard to provoke. */
export function standIn(world: World) {
  const now = world.now ?? Date.now
  const listeners = new Set<(event: StudioEvent) => void>()
  const tell = (event: StudioEvent) => {
    for (const listener of listeners) listener(event)
  }
  const jobs = new Map<string, Job>()
  const images = new Map<string, Image>()
  let paused = false
  let settings = {
    theme: 'dark' as 'system' | 'dark' | 'light',
    language: 'system' as const,
    provider: 'auto' as const,
    precision: 'as stored' as const,
    memoryShare: 0.6,
    saysOrigin: true,
    contrast: 'system' as const,
    notifies: true,
    pressureCurve: [1 / 3, 1 / 3, 2 / 3, 2 / 3] as [number, number, number, number],
    keys: {},
  }
  let serial = 0
  let failNext: Job['problem']
  let interruptNext = false
  const asked = new Set<string>()

  const picture = (k: number) =>
    world.pictures[((k % world.pictures.length) + world.pictures.length) % world.pictures.length]
  const recipe = (prompt: string, seed: string, parameters: Record<string, unknown>): Recipe => ({
    operation: OPERATION.id,
    operationVersion: 1,
    parameters: { ...MODEL.defaults, negative: '', karras: false, rescale: 0, count: 1, ...parameters, prompt, seed },
    seed,
    model: { name: MODEL.name, hash: 'abc' },
    provider: 'cpu',
    app: '0.1.0',
    parents: [],
  })
  for (let k = 0; k < world.library; k++) {
    const { hash, prompt } = picture(k) ?? { hash: '', prompt: '' }
    const id = `old-${k}`
    images.set(id, {
      id,
      hash,
      width: 128,
      height: 128,
      createdAt: now() - (k < 18 ? k * 60_000 : DAY * Math.ceil((k - 17) / 40) + k * 1000),
      starred: k % 7 === 3,
      index: 0,
      recipe: recipe(prompt, String(31 + k), {}),
    })
  }

  const put = (job: Job): Job => {
    jobs.set(job.id, job)
    tell({ type: 'job', job })
    return job
  }
  const sleep = (milliseconds: number) => new Promise(resolve => setTimeout(resolve, milliseconds))
  let working = false
  const work = async () => {
    if (working || paused) return
    const next = [...jobs.values()].filter(job => job.state === 'waiting').sort((a, b) => a.position - b.position)[0]
    if (next === undefined) return
    working = true
    await draw(put({ ...next, state: 'running', startedAt: now() }))
    working = false
    void work()
  }
  const draw = async (job: Job) => {
    const total = Number(job.parameters.steps)
    const count = Number(job.parameters.count)
    const first = Number(BigInt(String(job.parameters.seed)) % 97n)
    let progress: JobProgress = { phase: `Opening ${MODEL.name}, 2 of 3 parts`, step: 0, total }
    tell({ type: 'progress', jobId: job.id, progress })
    await sleep(world.pace * 2)
    for (let step = 1; step <= total; step++) {
      if (asked.has(job.id)) return put({ ...job, state: 'cancelled', endedAt: now(), progress })
      if (failNext !== undefined && step === 4) {
        const problem = failNext
        failNext = undefined
        return put({ ...job, state: 'failed', endedAt: now(), progress, problem })
      }
      if (interruptNext && step === 10) {
        interruptNext = false
        tell({ type: 'worker', state: 'restarted' })
        const problem = { code: 'WORKER_ENDED', message: 'It ran out of memory.' }
        return put({ ...job, state: 'interrupted', endedAt: now(), progress, problem })
      }
      const previews = world.preview
        ? await Promise.all(
            Array.from(
              { length: count },
              (_, k) => world.preview?.(picture(first + k)?.hash ?? '', step / total) ?? '',
            ),
          )
        : undefined
      const secondsLeft = step > 2 ? ((total - step) * world.pace) / 1000 : undefined
      progress = { phase: `Step ${step} of ${total}`, step, total, secondsLeft, previews }
      tell({ type: 'progress', jobId: job.id, progress })
      await sleep(world.pace)
    }
    const made = Array.from({ length: count }, (_, k): Image => {
      const id = `image-${++serial}`
      const seed = (BigInt(String(job.parameters.seed)) + BigInt(k)).toString()
      return {
        id,
        hash: picture(first + k)?.hash ?? '',
        width: Number(job.parameters.width),
        height: Number(job.parameters.height),
        createdAt: now(),
        starred: false,
        jobId: job.id,
        index: k,
        recipe: recipe(String(job.parameters.prompt), seed, job.parameters),
      }
    })
    for (const image of made) images.set(image.id, image)
    tell({ type: 'images', added: made })
    return put({ ...job, state: 'done', endedAt: now(), progress, images: made.map(image => image.id) })
  }

  const submit = (parameters: Record<string, unknown>): Job => {
    const id = `job-${++serial}`
    const job = put({
      id,
      operation: OPERATION.id,
      model: MODEL.id,
      parameters: { ...MODEL.defaults, negative: '', karras: false, rescale: 0, count: 1, seed: '0', ...parameters },
      state: 'waiting',
      position: serial,
      createdAt: now(),
      images: [],
    })
    setTimeout(work)
    return job
  }
  const known = <Item>(item: Item | undefined): Item => {
    if (item === undefined) throw new Error('This picture is no longer in the library.')
    return item
  }

  const downloads = new Map<string, Download>()
  const fetched: ModelInfo[] = []
  let shelf: ModelInfo[] = [MODEL, ...(world.models ?? [])]
  /** Changes the one download that there can be. */
  const download = (change: Partial<Download>): Download => {
    const { id, name, host, licence, bytes, model } = PLAN
    const last = downloads.get(id) ?? { ...{ id, name, host, licence, bytes, model }, agreedAt: now(), done: 0 }
    const next: Download = { state: 'running', ...last, ...change }
    if (next.state === 'cancelled') downloads.delete(id)
    else downloads.set(id, next)
    if (next.state === 'done') fetched.push({ ...MODEL, id: model, name, embedded: false })
    tell({ type: 'download', download: next })
    return next
  }

  const os = implement(contract)
  const router = os.router({
    system: {
      hello: os.system.hello.handler(() => ({ version: '0.1.0', provider: 'cpu', queuePaused: paused, settings })),
      events: os.system.events.handler(async function* ({ signal }) {
        const queue: StudioEvent[] = []
        let wake = () => {}
        const listen = (event: StudioEvent) => {
          queue.push(event)
          wake()
        }
        listeners.add(listen)
        try {
          while (!signal?.aborted) {
            const event = queue.shift()
            if (event !== undefined) yield event
            else
              await new Promise<void>(resolve => {
                wake = resolve
              })
          }
        } finally {
          listeners.delete(listen)
        }
      }),
      precisions: os.system.precisions.handler(() => [
        { precision: 'as stored' as const, offered: true, words: '' },
        { precision: 'fp32' as const, offered: true, words: '' },
        { precision: 'fp16' as const, offered: false, words: 'Only a graphics card computes in it.' },
        { precision: '8 bit' as const, offered: true, words: 'About 2.4 times as quick on this computer.' },
        { precision: '4 bit' as const, offered: false, words: 'It would be no quicker on this computer.' },
      ]),
      changeSettings: os.system.changeSettings.handler(({ input }) => {
        settings = { ...settings, ...input } as typeof settings
        tell({ type: 'settings', settings })
        return settings
      }),
    },
    operations: {
      list: os.operations.list.handler(() => [OPERATION]),
      samplers: os.operations.samplers.handler(() => SAMPLERS),
    },
    models: {
      list: os.models.list.handler(({ input }) =>
        [...shelf, ...fetched].filter(({ kind }) => (input?.kinds ?? ['checkpoint']).includes(kind)),
      ),
      locate: os.models.locate.handler(({ input: { id, path } }) => ({
        ...known(shelf.find(each => each.id === id)),
        path,
      })),
      picture: os.models.picture.handler(() => ({})),
      import: os.models.import.handler(({ input: { paths } }) => {
        const isModel = (path: string) => path.endsWith('.safetensors')
        const models = paths.filter(isModel).map(path => addition('lora', path))
        shelf = [...shelf, ...models]
        const refused = paths.filter(path => !isModel(path)).map(path => ({ path, problem: `${path} is no model.` }))
        return { found: paths.length, models, refused }
      }),
      remove: os.models.remove.handler(({ input }) => {
        shelf = shelf.filter(({ id }) => !input.ids.includes(id))
        return input
      }),
      countTokens: os.models.countTokens.handler(({ input }) => {
        const words = input.prompt.trim().split(/\s+/)
        const limit = MODEL.promptTokens
        const cut = input.longPrompts === 'cut'
        const chunks = cut ? 1 : Math.ceil(words.length / (limit - 2))
        const leftOut = cut ? words.slice(limit - 2).join(' ') : ''
        return { tokens: words.length + 2 * chunks, limit, chunks, leftOut }
      }),
      tokens: os.models.tokens.handler(({ input: { prompt, longPrompts } }) => {
        const room = MODEL.promptTokens - 2
        const cuts = longPrompts === 'cut'
        const tokens = [...prompt.matchAll(/\S+/g)].map(({ 0: word, index }, k) => ({
          ...{ id: 300 + k, start: index, end: index + word.length, weight: 1 },
          ...{ chunk: cuts ? 0 : Math.floor(k / room), isCut: cuts && k >= room },
        }))
        const chunks = cuts ? 1 : Math.max(1, Math.ceil(tokens.length / room))
        return { text: prompt, tokens, limit: MODEL.promptTokens, chunks, changes: false }
      }),
      estimate: os.models.estimate.handler(({ input }) => {
        const { steps = MODEL.defaults.steps, count = 1 } = input.parameters as { steps?: number; count?: number }
        return { seconds: (steps * world.pace * (1 + 0.3 * (count - 1))) / 1000, bytes: 2.9e9, fits: true }
      }),
      checkPrecision: os.models.checkPrecision.handler(() => {
        throw new ORPCError('BAD_REQUEST', { message: 'Nothing is measured here.' })
      }),
      details: os.models.details.handler(() => ({
        ...{ hash: 'ab'.repeat(32), licence: 'apache-2.0' },
        losses: [{ precision: '8 bit' as const, decibels: 41.2 }],
      })),
      known: os.models.known.handler(() => [{ reference: 'owner/harbour', name: 'Harbour', purpose: 'Boats.' }]),
      lookUp: os.models.lookUp.handler(({ input }) => {
        if (input.reference === PLAN.name) return PLAN
        const data = { code: 'HUB_UNKNOWN', message: `There is no ${input.reference}.`, hint: 'Check its name.' }
        throw new ORPCError('BAD_REQUEST', { message: data.message, data })
      }),
      get: os.models.get.handler(() => download({ state: 'running', done: 0 })),
      downloads: os.models.downloads.handler(() => [...downloads.values()]),
      pauseDownload: os.models.pauseDownload.handler(() => download({ state: 'paused' })),
      resumeDownload: os.models.resumeDownload.handler(() => download({ state: 'running' })),
      cancelDownload: os.models.cancelDownload.handler(() => download({ state: 'cancelled' })),
    },
    datasets: standInDatasets(tell),
    trainings: standInTrainings(),
    segmentation: {
      // The left half of everything.
      find: os.segmentation.find.handler(({ input: { size } }) => {
        const half = Math.floor(size.width / 2)
        const row = [half, size.width - half]
        return { runs: [0, ...Array.from({ length: size.height }, () => row).flat()], isClickedPartAlone: false }
      }),
      words: os.segmentation.words.handler(() => ({ map: 'f'.repeat(64), width: 2, height: 1 })),
    },
    documents: standInDocuments(tell),
    boards: standInBoards(),
    prompts: standInPrompts(() => [...images.values()]),
    styles: standInStyles(tell),
    jobs: {
      list: os.jobs.list.handler(() => [...jobs.values()]),
      ask: os.jobs.ask.handler(() => ({ pictures: ['e'.repeat(64), 'f'.repeat(64)] })),
      submit: os.jobs.submit.handler(({ input }) => submit(input.parameters)),
      cancel: os.jobs.cancel.handler(({ input }) => {
        const job = known(jobs.get(input.id))
        asked.add(job.id)
        return job.state === 'waiting' ? put({ ...job, state: 'cancelled', endedAt: now() }) : job
      }),
      pause: os.jobs.pause.handler(({ input }) => put({ ...known(jobs.get(input.id)), state: 'paused' })),
      resume: os.jobs.resume.handler(({ input }) => put({ ...known(jobs.get(input.id)), state: 'waiting' })),
      stopAndKeep: os.jobs.stopAndKeep.handler(({ input }) => known(jobs.get(input.id))),
      runAgain: os.jobs.runAgain.handler(({ input }) => submit(known(jobs.get(input.id)).parameters)),
      move: os.jobs.move.handler(({ input }) => {
        const waiting = [...jobs.values()]
          .filter(job => job.state === 'waiting')
          .sort((a, b) => a.position - b.position)
        const job = known(waiting.find(each => each.id === input.id))
        const rest = waiting.filter(each => each !== job)
        const at = rest.findIndex(each => each.id === input.before)
        const order = rest.toSpliced(at === -1 ? rest.length : at, 0, job)
        return order.map((each, k) => put({ ...each, position: 1000 + k }))
      }),
      pauseQueue: os.jobs.pauseQueue.handler(({ input }) => {
        paused = input.paused
        tell({ type: 'queue', paused })
        setTimeout(work)
        return { paused }
      }),
    },
    images: {
      ...standInMarks(images),
      list: os.images.list.handler(({ input }) => {
        const found = [...images.values()]
          .filter(image => (image.trashedAt !== undefined) === input.trashed)
          .filter(image => input.starred === undefined || image.starred === input.starred)
          .filter(image => String(image.recipe?.parameters.prompt).includes(input.search))
          .sort((a, b) => b.createdAt - a.createdAt)
        const from = Number(input.cursor ?? 0)
        const page = found.slice(from, from + input.limit)
        return {
          images: page,
          total: found.length,
          next: from + input.limit < found.length ? String(from + input.limit) : undefined,
        }
      }),
      lineage: os.images.lineage.handler(({ input }) => standInLineage(known(images.get(input.id)), images)),
      origin: os.images.origin.handler(() => ({ says: 'made' as const })),
      facets: os.images.facets.handler(() => standInFacets([...images.values()])),
      get: os.images.get.handler(({ input }) => known(images.get(input.id))),
      star: os.images.star.handler(({ input }) => {
        const image = { ...known(images.get(input.id)), starred: input.starred }
        images.set(image.id, image)
        return image
      }),
      trash: os.images.trash.handler(({ input }) => {
        for (const id of input.ids) images.set(id, { ...known(images.get(id)), trashedAt: now() })
        tell({ type: 'removed', images: input.ids })
        return input
      }),
      restore: os.images.restore.handler(({ input }) => {
        const back = input.ids.map(id => ({ ...known(images.get(id)), trashedAt: undefined }))
        for (const image of back) images.set(image.id, image)
        tell({ type: 'images', added: back })
        return input
      }),
      emptyTrash: os.images.emptyTrash.handler(() => {
        const gone = [...images.values()].filter(image => image.trashedAt !== undefined)
        for (const image of gone) images.delete(image.id)
        return { removed: gone.length }
      }),
      keep: os.images.keep.handler(({ input }) => ({ hash: input.use.padEnd(64, '0'), width: 128, height: 128 })),
      open: os.images.open.handler(() => ({ width: 128, height: 128, layers: [] })),
      upload: os.images.upload.handler(() => ({})),
      recipeTexts: os.images.recipeTexts.handler(() => ({ texts: [] })),
      readRecipe: os.images.readRecipe.handler(({ input }) => {
        if (!input.name.endsWith('.png'))
          throw new Error(`${input.name} carries no recipe, so there is nothing to restore.`)
        return {
          recipe: recipe('a robot, flat style, on a yellow background', '18446744073709551615', {
            steps: 12,
            karras: true,
          }),
          source: 'sfumato' as const,
        }
      }),
    },
  })
  return {
    router,
    tell,
    download,
    fail: (problem: Job['problem']) => {
      failNext = problem
    },
    interrupt: () => {
      interruptNext = true
    },
  }
}

/** A line to a stand-in, over a real message channel. */
export function connectTo(router: ReturnType<typeof standIn>['router']): { api: Api; close(): void } {
  const { port1, port2 } = new MessageChannel()
  new RPCHandler(router).upgrade(port1)
  port1.start()
  port2.start()
  const api: Api = createORPCClient(new RPCLink({ port: port2 }))
  return {
    api,
    close: () => {
      port1.close()
      port2.close()
    },
  }
}
