import { randomInt } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { isOpen } from '../../app/library/jobs.ts'
import type { Job } from '../../app/library/records.ts'
import { operations } from '../../app/operations/index.ts'
import { openSafetensors } from '../../app/weights/safetensors.ts'
import { type EngineProcess, startEngine } from '../../main/engine-process.ts'
import { type Client, clientOver, models, pathOf, workerOf } from './page.ts'
import { engineHere, heldToTime, jobIn, rounds, smallDisk, temporaryHome, timed, until } from './studio.ts'

/** The real worker and the real trainer, on the model that comes with the app. */

const main = (name: string) => join(import.meta.dirname, '../../main', name)
const trainer = { operations, worker: main('worker.ts') }
const STEPS = 12

// Each start opens the graph of the training, which takes longer than its steps.
vi.setConfig({ testTimeout: 300_000 + 60_000 * rounds(2) })

const images = mkdtempSync(join(tmpdir(), 'sfumato-pictures-'))
afterAll(() => rmSync(images, { recursive: true, force: true }))

/** Three pictures to learn from. */
beforeAll(async () => {
  for (const [k, background] of ['#c03020', '#2060c0', '#20a040'].entries()) {
    await sharp({ create: { width: 160, height: 160, channels: 3, background } })
      .png()
      .toFile(join(images, `${k}.png`))
  }
})

const training = (beside: Record<string, unknown> = {}) => ({
  operation: 'train-lora',
  model: 'sticker-world',
  parameters: {
    ...{
      images,
      class: 'cat',
      name: 'learned',
      steps: STEPS,
      batch: 1,
      rank: 2,
      alpha: 2,
      saveEvery: 2,
      warmUp: 0,
      classImages: 0,
      textEncoder: false,
      feedForward: false,
      convolutions: false,
      seed: '5',
    },
    ...beside,
  },
})

const picture = (seed: string) => ({
  operation: 'text-to-image',
  model: 'sticker-world',
  parameters: { prompt: 'a red fox', steps: 8, seed },
})

const learned = (home: string): Buffer => readFileSync(join(home, 'models/loras/learned.safetensors'))

/** What a training comes to that nothing disturbs; opening its graph takes longest, so each is done once. */
const known = new Map<number, Promise<Buffer>>()
function undisturbed(steps = STEPS): Promise<Buffer> {
  const expected = known.get(steps) ?? trainedAlone(steps)
  known.set(steps, expected)
  return expected
}

async function trainedAlone(steps: number): Promise<Buffer> {
  const home = temporaryHome()
  const { client, ...engine } = await engineHere({ ...trainer, home })
  const { id } = await client.jobs.submit(training({ steps }))
  await jobIn(client, id, 'done', 100_000)
  await engine.close()
  return learned(home)
}

test('pictures are drawn while it trains, and change nothing in what is learned', heldToTime, async () => {
  const expected = await undisturbed()
  const home = temporaryHome()
  const { client } = await engineHere({ ...trainer, home })
  const alone = await client.jobs.submit(picture('1'))
  await jobIn(client, alone.id, 'done', 60_000)
  const ownTime = await timed(async () => jobIn(client, (await client.jobs.submit(picture('2'))).id, 'done', 60_000))
  const events = await client.system.events()
  const { id } = await client.jobs.submit(training())
  const steps: number[] = []
  await until(events, event => {
    if (event.type === 'progress' && event.jobId === id && event.progress.step > 0) steps.push(performance.now())
    return steps.length === 3
  })
  const stepTime = steps[2] - steps[1]
  const heard = await client.system.events()
  const began = performance.now()
  const drawn = await client.jobs.submit(picture('2'))
  const seen = await until(
    heard,
    event => event.type === 'job' && event.job.id === drawn.id && event.job.state === 'done',
  )
  const took = performance.now() - began
  const phases = seen.flatMap(event => (event.type === 'progress' && event.jobId === id ? [event.progress.phase] : []))
  const asked = phases.indexOf('Waits for a picture; it goes on by itself')
  expect(asked).toBeGreaterThanOrEqual(0)
  // The step that was being computed, and one whose end was told in the same moment.
  expect(phases.length - 1 - asked).toBeLessThanOrEqual(2)
  console.log(
    `a picture: ${ownTime.toFixed()} ms alone, ${took.toFixed()} ms while it trains with steps of ${stepTime.toFixed()} ms`,
  )
  expect(['running', 'waiting']).toContain((await client.jobs.list()).find(job => job.id === id)?.state)
  const [first, second] = (await client.images.list({ search: 'seed:2' })).images
  expect(first.hash).toBe(second.hash)
  await jobIn(client, id, 'done', 100_000)
  expect(learned(home).equals(expected)).toBe(true)
})

test('trial pictures let others go first between their steps, and change nothing in what is learned', async () => {
  const expected = await undisturbed(1)
  const home = temporaryHome()
  const { client } = await engineHere({ ...trainer, home })
  const events = await client.system.events()
  const { id } = await client.jobs.submit(training({ steps: 1, showEvery: 1 }))
  await until(
    events,
    event =>
      event.type === 'progress' && event.jobId === id && event.progress.phase.startsWith('Looking at the beginning'),
  )
  const heard = await client.system.events()
  const drawn = await client.jobs.submit(picture('2'))
  const seen = await until(
    heard,
    event => event.type === 'job' && event.job.id === drawn.id && event.job.state === 'done',
  )
  const phases = seen.flatMap(event => (event.type === 'progress' && event.jobId === id ? [event.progress.phase] : []))
  expect(phases).toContain('Waits for a picture; it goes on by itself')
  expect(phases.filter(phase => phase.startsWith('Step'))).toEqual([])
  await jobIn(client, id, 'done', 100_000)
  expect(learned(home).equals(expected)).toBe(true)
})

/** An engine of its own with the real worker, as the app has it. */
function engineApart(home: string): EngineProcess {
  const engine = startEngine({ node: process.execPath, entry: main('engine.ts'), home, models, log: () => {} })
  onTestFinished(() => engine.stop())
  return engine
}

/** Waits until a training has told something a number of times since now. @returns whether it is still to end */
async function told(client: Client, id: string, times: number): Promise<boolean> {
  const events = await client.system.events()
  if (isOver((await client.jobs.list()).find(job => job.id === id))) return false
  let count = 0
  for await (const event of events) {
    if (event.type === 'job' && event.job.id === id && isOver(event.job)) return false
    if (event.type === 'progress' && event.jobId === id && ++count === times) return true
  }
  throw new Error('the events ended before')
}

/** Waits until a training has done a step. @returns whether it is still to end */
async function reached(client: Client, id: string, step: number): Promise<boolean> {
  const events = await client.system.events()
  for await (const event of events) {
    if (event.type === 'job' && event.job.id === id && isOver(event.job)) return false
    if (event.type === 'progress' && event.jobId === id && event.progress.step >= step) return true
  }
  throw new Error('the events ended before')
}

const isOver = (job: Job | undefined): boolean => job === undefined || !isOpen(job)

test('whatever is killed at whatever moment, the training goes on by itself to the same numbers, and no file is damaged', async () => {
  const kills = rounds(2)
  // More than are told of between two kills, so that it is not done before the last one.
  const steps = STEPS + 7 * kills
  const expected = await undisturbed(steps)
  const home = temporaryHome()
  const engine = engineApart(home)
  let client = clientOver(engine.openChannel())
  await client.system.changeSettings({ provider: 'cpu' })
  const { id } = await client.jobs.submit(training({ steps }))
  let done = 0
  while (done < kills && (await told(client, id, randomInt(1, 12)))) {
    await sleep(randomInt(0, 150))
    const pid = engine.pid ?? expect.unreachable()
    const worker = workerOf(pid)
    const isWorker = randomInt(0, 2) === 0 && worker !== undefined
    process.kill(isWorker ? worker : pid, 'SIGKILL')
    done++
    if (isWorker) continue
    // A channel that is opened before the end was noticed is closed with the others.
    await vi.waitFor(() => expect(engine.pid).not.toBe(pid), 10_000)
    client = clientOver(engine.openChannel())
  }
  const job = await jobIn(client, id, 'done', 600_000)
  console.log(`killed ${done} times`)
  expect(done).toBe(kills)
  expect(job.images.length).toBeGreaterThan(0)
  expect(learned(home).equals(expected)).toBe(true)
  for (const file of readdirSync(join(home, 'training'), { recursive: true, encoding: 'utf8' })) {
    if (file.endsWith('.safetensors')) openSafetensors(join(home, 'training', file))
  }
  expect(readdirSync(join(home, 'models/loras'))).toEqual(['learned.safetensors'])
})

test('a training is paused, goes on where it was, and is ended with what it has', async () => {
  const expected = await undisturbed()
  const home = temporaryHome()
  const { client } = await engineHere({ ...trainer, home })
  const { id } = await client.jobs.submit(training())
  expect(await reached(client, id, 3)).toBe(true)
  await client.jobs.pause({ id })
  const paused = await jobIn(client, id, 'paused')
  expect(paused.progress?.phase).toMatch(/^Paused at step [1-9]\d* of 12$/)
  const { id: drawn } = await client.jobs.submit(picture('3'))
  await jobIn(client, drawn, 'done', 60_000)
  expect((await client.jobs.resume({ id })).state).toBe('waiting')
  await jobIn(client, id, 'done', 100_000)
  expect(learned(home).equals(expected)).toBe(true)
  await expect(client.jobs.pause({ id })).rejects.toMatchObject({ data: { code: 'JOB_NOT_RESUMABLE' } })
  await expect(client.jobs.submit(training())).rejects.toMatchObject({ data: { code: 'MODEL_NAME' } })

  const long = await client.jobs.submit(training({ steps: 5000, name: 'early' }))
  expect(await reached(client, long.id, 3)).toBe(true)
  await client.jobs.stopAndKeep({ id: long.id })
  await jobIn(client, long.id, 'done', 60_000)
  expect(openSafetensors(join(home, 'models/loras/early.safetensors')).metadata.ss_output_name).toBe('early')
  expect((await client.models.list({ kinds: ['lora'] })).map(({ name }) => name).sort()).toEqual(['early', 'learned'])
})

test('a picture and a training are cancelled each by itself', heldToTime, async () => {
  const { client } = await engineHere(trainer)
  const { id } = await client.jobs.submit(training({ steps: 5000, saveEvery: 1000 }))
  expect(await reached(client, id, 3)).toBe(true)
  const long = { ...picture('4'), parameters: { ...picture('4').parameters, steps: 500 } }
  const first = await client.jobs.submit(long)
  expect(await told(client, first.id, 5)).toBe(true)
  expect(await timed(() => client.jobs.cancel({ id: first.id }))).toBeLessThan(500)
  expect(await told(client, id, 3)).toBe(true)
  const second = await client.jobs.submit({ ...long, parameters: { ...long.parameters, steps: 40 } })
  expect(await told(client, second.id, 5)).toBe(true)
  expect(await timed(() => client.jobs.cancel({ id }))).toBeLessThan(500)
  expect((await jobIn(client, second.id, 'done', 60_000)).images).toHaveLength(1)
  const states = (await client.jobs.list()).map(job => job.state)
  expect(states.sort()).toEqual(['cancelled', 'cancelled', 'done'])
})

test('where there is no memory for both, the training saves itself, gives way and goes on by itself', async () => {
  const expected = await undisturbed()
  const home = temporaryHome()
  // A training that says it keeps all that models may use.
  const { client } = await engineHere({ ...trainer, home, worker: pathOf('greedy-worker.ts') })
  const { id } = await client.jobs.submit(training())
  expect(await reached(client, id, 3)).toBe(true)
  const events = await client.system.events()
  const drawn = await client.jobs.submit(picture('6'))
  const seen = await until(
    events,
    event => event.type === 'job' && event.job.id === drawn.id && event.job.state === 'done',
  )
  expect(seen).toContainEqual({
    type: 'job',
    job: expect.objectContaining({
      ...{ id, state: 'waiting' },
      progress: expect.objectContaining({ phase: 'Paused for a picture; it goes on by itself' }),
    }),
  })
  await jobIn(client, id, 'done', 100_000)
  expect(learned(home).equals(expected)).toBe(true)
})

test('a disk that is full when a state is saved: told, what was saved stays, and it goes on from there', async context => {
  const home = smallDisk()
  if (home === undefined) return context.skip('needs root on Linux, to make a disk that can be filled')
  const expected = await undisturbed()
  const { client } = await engineHere({ ...trainer, home })
  const { id } = await client.jobs.submit(training())
  expect(await reached(client, id, 3)).toBe(true)
  const filler = join(home, 'filler')
  const { bavail, bsize } = statfsSync(home)
  writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 16 * bsize)))
  const failed = await jobIn(client, id, 'failed', 60_000)
  expect(failed.problem).toMatchObject({ code: 'DISK_FULL' })
  const states = () => readdirSync(join(home, 'training'), { recursive: true, encoding: 'utf8' })
  expect(states().filter(file => file.endsWith('.safetensors')).length).toBeGreaterThan(0)
  rmSync(filler)
  const again = await client.jobs.runAgain({ id })
  await jobIn(client, again.id, 'done', 100_000)
  expect(learned(home).equals(expected)).toBe(true)
  expect(states().filter(file => file.endsWith('.part'))).toEqual([])
})
