import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import sharp from 'sharp'
import { expect, test } from 'vitest'
import { operations } from '../app/operations/index.ts'
import { engineHere, eventually, jobIn, temporaryHome } from '../test/faults/studio.ts'

/** Twelve pictures as a data set of an engine with the real worker. */
async function taught() {
  const home = temporaryHome()
  const folder = join(home, 'pictures')
  mkdirSync(folder)
  for (let k = 0; k < 12; k++) {
    const background = { r: 20 * k, g: 250 - 15 * k, b: 90 }
    const picture = sharp({ create: { width: 128, height: 128, channels: 3, background } })
    writeFileSync(join(folder, `${k}.png`), await picture.png().toBuffer())
  }
  const { client } = await engineHere({ home, operations, worker: join(import.meta.dirname, 'worker.ts') })
  const { id } = await client.datasets.create({ folder })
  await eventually(60_000, async () => {
    const [dataset] = await client.datasets.list()
    return dataset.isComplete || undefined
  })
  const estimate = (operation: string, beside: object = {}) =>
    client.trainings.estimate({
      operation,
      model: 'sticker-world',
      parameters: { images: id, class: 'cat', ...beside },
    })
  return { client, folder, estimate }
}

test('while the graphs of a training are written the engine answers; the same question is answered at once', async () => {
  const { client, estimate } = await taught()
  let isTold = false
  const began = performance.now()
  const asked = estimate('train-lora').finally(() => {
    isTold = true
  })
  let answered = 0
  let slowest = 0
  while (!isTold) {
    const start = performance.now()
    await client.images.list({})
    slowest = Math.max(slowest, performance.now() - start)
    answered++
    await setImmediate()
  }
  const told = await asked
  const took = performance.now() - began
  expect(told).toMatchObject({ pictures: 10, heldBack: 2, fits: true, choices: [] })
  expect(told.memory).toBeGreaterThan(2e8)
  // In the engine itself it would be one call, and as long as the graphs take.
  expect(answered).toBeGreaterThan(20)
  expect(slowest).toBeLessThan(took / 2)
  const again = performance.now()
  expect(await estimate('train-lora', { identifier: 'other', name: 'other' })).toEqual(told)
  expect(performance.now() - again).toBeLessThan(took / 2)
}, 120_000)

test('every way of learning is foretold: a word is small, a whole model large', async () => {
  const { estimate } = await taught()
  const lora = await estimate('train-lora', { classImages: 0 })
  const word = await estimate('train-textual-inversion', { identifier: 'blip' })
  const whole = await estimate('train-fine-tune', { classImages: 0, batch: 1 })
  expect([word.heldBack, whole.heldBack]).toEqual([2, 2])
  expect(word.result).toBeLessThan(1e5)
  expect(lora.result).toBeGreaterThan(word.result)
  expect(whole.result).toBeGreaterThan(lora.result)
  expect(whole.memory).toBeGreaterThan(lora.memory)
  const eight = await estimate('train-fine-tune', { classImages: 0, batch: 1, optimiser: 'AdamW8bit' })
  expect(eight.memory).toBeLessThan(whole.memory)
}, 240_000)

test('an absurd rate stops the run at its last good step; from there it goes on at half the rate, as the same run', async () => {
  const { client, folder: images } = await taught()
  // The first step of a warm-up changes nothing, the second everything.
  const absurd = { learningRate: 10, warmUp: 2, steps: 12, saveEvery: 1 }
  const small = {
    rank: 2,
    alpha: 1000,
    textEncoder: false,
    feedForward: false,
    convolutions: false,
    classImages: 0,
    heldBack: 0,
    seed: '5',
  }
  const parameters = { images, class: 'cat', ...small, ...absurd }
  const job = await client.jobs.submit({ operation: 'train-lora', model: 'sticker-world', parameters })
  const { problem } = await jobIn(client, job.id, 'failed', 400_000)
  expect(problem).toMatchObject({ code: 'TRAINING_DIVERGED' })
  const [run] = await client.trainings.list()
  const { diverged, saved, kept } = await client.trainings.get({ id: run.id })
  expect(diverged?.safe).toBeGreaterThan(0)
  expect(saved?.step).toBe(diverged?.safe)
  expect(problem?.message).toBe(`The loss became invalid at step ${diverged?.step}. Step ${diverged?.safe} is safe.`)
  expect(Math.max(0, ...kept)).toBeLessThan(diverged?.step ?? 0)
  const again = await client.trainings.goOnSlower({ id: run.id })
  await expect(client.trainings.goOnSlower({ id: run.id })).rejects.toThrow('goes on already')
  await eventually(
    400_000,
    async () => (await client.trainings.get({ id: run.id })).jobs.includes(again.id) || undefined,
  )
  expect((await client.trainings.get({ id: run.id })).resumed).toEqual([diverged?.safe])
  await client.jobs.cancel({ id: again.id })
}, 1_000_000)
