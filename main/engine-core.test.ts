import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import { operations } from '../app/operations/index.ts'
import { writeSafetensors } from '../app/weights/safetensors.ts'
import { longStep, request } from '../test/faults/page.ts'
import { engineHere, jobIn, temporaryHome, until } from '../test/faults/studio.ts'

const embedded = join(import.meta.dirname, '../native-models/sticker-world')

/** What a refused call tells. */
async function refusal(call: Promise<unknown>): Promise<unknown> {
  try {
    await call
  } catch (error) {
    if (error instanceof ORPCError) return error.data
    throw error
  }
  throw new Error('the call was accepted')
}

/** The real worker and the real operations. */
const studio = () => engineHere({ operations, worker: join(import.meta.dirname, 'worker.ts') })

test('a prompt becomes a picture in the library, with everything that made it; its file restores that', async () => {
  const { client, blobPath } = await studio()
  const [model] = await client.models.list()
  expect(model).toMatchObject({ id: 'sticker-world', embedded: true, defaults: { width: 128, height: 128 } })
  const events = await client.system.events()
  const parameters = { prompt: 'a red apple', seed: '18446744073709551615', steps: 4, count: 2 }
  const asked = { operation: 'text-to-image', model: model.id, parameters }
  expect(await client.models.estimate(asked)).toEqual({ bytes: expect.any(Number), fits: true })
  const { id } = await client.jobs.submit(asked)
  const seen = await until(events, event => event.type === 'job' && event.job.state === 'done')
  expect(seen.some(event => event.type === 'progress' && event.progress.previews?.length === 2)).toBe(true)

  const job = await jobIn(client, id, 'done')
  const { images, total } = await client.images.list({ search: 'apple seed:0' })
  expect([total, job.images.length]).toEqual([1, 2])
  const [image] = images
  expect(image).toMatchObject({ jobId: id, index: 1, width: 128, height: 128 })
  expect(image.recipe).toMatchObject({
    operation: 'text-to-image',
    seed: '0',
    parameters: {
      prompt: 'a red apple',
      seed: '0',
      steps: 4,
      count: 1,
      guidance: 5,
      width: 128,
      sampler: 'DDIMScheduler',
    },
    model: { name: 'Sticker World', hash: expect.stringMatching(/^[0-9a-f]{64}$/) },
    provider: 'cpu',
  })
  const file = new File([readFileSync(blobPath(image.hash)?.path ?? '')], 'apple.png')
  expect(await client.images.readRecipe({ name: 'apple.png', file })).toEqual({
    recipe: image.recipe,
    source: 'sfumato',
  })
  const { seconds } = await client.models.estimate(asked)
  expect(seconds).toBeGreaterThan(0)
  // Once more gives the same pixels, so the same files.
  const again = await client.jobs.runAgain({ id })
  await jobIn(client, again.id, 'done')
  const hashes = (await client.images.list({})).images.map(found => found.hash)
  expect(new Set(hashes).size).toBe(2)
})

test('a picture says what it was predicted to take and took; a model what it loses in few bits', async () => {
  const { client } = await studio()
  const asked = { operation: 'text-to-image', model: 'sticker-world', parameters: { prompt: 'a fox', steps: 4 } }
  const { id } = await client.jobs.submit(asked)
  const { cost } = await jobIn(client, id, 'done')
  expect(cost?.predicted.bytes).toBeGreaterThan(0.2e9)
  expect(cost?.took?.seconds).toBeGreaterThan(0)
  const { images } = await client.images.list({})
  expect(images[0]?.cost).toEqual(cost)
  const check = await client.models.checkPrecision({ id: 'sticker-world', precision: '8 bit' })
  const next = await client.jobs.submit({ ...asked, parameters: { ...asked.parameters, seed: '1' } })
  const { endedAt = 0 } = await jobIn(client, check.id, 'done', 60_000)
  await jobIn(client, next.id, 'done')
  expect(endedAt).toBeGreaterThan(0)
  const { losses } = await client.models.details({ id: 'sticker-world' })
  expect(losses).toEqual([{ precision: '8 bit', decibels: expect.any(Number) }])
  expect(losses[0]?.decibels).toBeGreaterThan(20)
  // Its pictures are no results.
  expect((await client.images.list({})).total).toBe(2)
  const again = await client.jobs.runAgain({ id: check.id })
  expect((await client.jobs.cancel({ id: again.id })).state).toMatch(/cancelled|running|done/)
})

test('what is wrong with a request is said before anything is queued', async () => {
  const { client } = await engineHere({ operations })
  const submit = (change: object) =>
    refusal(
      client.jobs.submit({
        operation: 'text-to-image',
        model: 'sticker-world',
        parameters: { prompt: 'x' },
        ...change,
      }),
    )
  expect(await submit({ operation: 'paint' })).toMatchObject({ code: 'OPERATION_UNKNOWN' })
  expect(await submit({ model: 'Harbour' })).toEqual({
    code: 'MODEL_UNKNOWN',
    message: 'There is no model "Harbour" on this computer.',
    hint: 'Choose Sticker Faces, Sticker Kinds, Sticker World, Sticker World instruct, Sticker World masks, or the path of a file or folder.',
  })
  expect(await submit({ parameters: { prompt: 'x', width: 100 } })).toEqual({
    code: 'SIZE_MULTIPLE',
    message: expect.stringMatching(/^Width must be a multiple of \d+ for Sticker World; 100 is not\.$/),
    hint: expect.stringMatching(/^Use \d+\.$/),
    field: 'width',
  })
  expect(await submit({ parameters: { prompt: 'x', steps: 0 } })).toMatchObject({
    code: 'PARAMETER_INVALID',
    field: 'steps',
  })
  expect(await client.jobs.list()).toEqual([])
})

test('a model in any folder is used where it lies, and remembered; one that is spoiled says what is wrong', async () => {
  const folder = join(temporaryHome(), 'My model')
  cpSync(embedded, folder, { recursive: true })
  const home = temporaryHome()
  const engine = await engineHere({ home })
  const { id } = await engine.client.jobs.submit({ operation: 'slow', model: folder, parameters: {} })
  await jobIn(engine.client, id, 'done')
  await engine.close()

  const { client } = await engineHere({ home })
  const mine = (await client.models.list()).find(model => model.path === folder)
  expect(mine).toMatchObject({ embedded: false, name: 'Sticker World' })
  expect(mine).not.toHaveProperty('problem')
  truncateSync(join(folder, 'unet', 'diffusion_pytorch_model.safetensors'), 1000)
  const spoiled = (await client.models.list()).find(model => model.path === folder)
  expect(spoiled?.problem).toContain('diffusion_pytorch_model.safetensors')
  expect(await refusal(client.jobs.runAgain({ id }))).toMatchObject({ message: expect.stringContaining(folder) })
  rmSync(folder, { recursive: true })
  expect((await client.models.list()).find(model => model.path === folder)?.problem).toContain(folder)
})

test('the queue: paused, moved, cancelled, kept for the next start', async () => {
  const home = temporaryHome()
  const engine = await engineHere({ home })
  const { client } = engine
  expect(await client.jobs.pauseQueue({ paused: true })).toEqual({ paused: true })
  const ids: string[] = []
  for (const prompt of ['a', 'b', 'c']) ids.push((await client.jobs.submit(request({ prompt }))).id)
  const order = async () => (await client.jobs.list()).map(job => `${job.parameters.prompt} ${job.state}`)
  expect(await order()).toEqual(['a waiting', 'b waiting', 'c waiting'])
  await client.jobs.move({ id: ids[2], before: ids[0] })
  expect((await client.jobs.cancel({ id: ids[0] })).state).toBe('cancelled')
  expect(await order()).toEqual(['c waiting', 'b waiting', 'a cancelled'])
  expect(await refusal(client.jobs.move({ id: ids[0] }))).toMatchObject({ code: 'JOB_NOT_WAITING' })
  expect(await refusal(client.jobs.cancel({ id: 'nobody' }))).toMatchObject({ code: 'JOB_UNKNOWN' })
  await engine.close()

  const { client: next } = await engineHere({ home })
  expect((await next.system.hello()).queuePaused).toBe(true)
  const events = await next.system.events()
  await next.jobs.pauseQueue({ paused: false })
  const seen = await until(
    events,
    event => event.type === 'job' && event.job.id === ids[1] && event.job.state === 'done',
  )
  const ended = seen.flatMap(event => (event.type === 'job' && event.job.state === 'done' ? [event.job.id] : []))
  expect(ended).toEqual([ids[2], ids[1]])
})

test('the jobs of another engine are seen, and left to it', async () => {
  const home = temporaryHome()
  const [app, command] = [await engineHere({ home }), await engineHere({ home, keepsQueue: false })]
  const { id } = await command.client.jobs.submit(longStep)
  await jobIn(app.client, id, 'running')
  expect(await refusal(app.client.jobs.cancel({ id }))).toMatchObject({ code: 'JOB_ELSEWHERE' })
  const waiting = await command.client.jobs.submit(request({}))
  await command.close()
  await jobIn(app.client, id, 'interrupted')
  await jobIn(app.client, waiting.id, 'cancelled')
})

test('settings change one by one, and everybody hears of it', async () => {
  const { client } = await engineHere()
  const events = await client.system.events()
  await client.system.changeSettings({ theme: 'dark' })
  const changed = await client.system.changeSettings({ memoryShare: 0.5 })
  expect(changed).toMatchObject({ theme: 'dark', provider: 'auto', precision: 'as stored', memoryShare: 0.5 })
  await until(events, event => event.type === 'settings' && event.settings.memoryShare === 0.5)
  expect(await refusal(client.system.changeSettings({ memoryShare: 2 }))).toMatchObject({
    code: 'CALL_INVALID',
    field: 'memoryShare',
  })
  expect((await client.system.hello()).settings).toEqual(changed)
})

test('the form is the schema, with titles, ranges and the widgets of the fields', async () => {
  const { client } = await engineHere({ operations })
  const [operation] = await client.operations.list()
  expect(operation).toMatchObject({ id: 'text-to-image', parameters: { type: 'object', required: ['prompt'] } })
  const { properties } = operation.parameters
  expect(properties).toMatchObject({
    steps: { type: 'integer', minimum: 1, maximum: 1000, title: 'Steps', widget: 'slider', fromModel: true },
    guidance: { type: 'number', title: 'Guidance' },
    seed: { title: 'Seed', widget: 'seed' },
    karras: { type: 'boolean', default: false },
  })
  const samplers = await client.operations.samplers()
  expect(samplers.map(sampler => sampler.className)).toContain('EulerDiscreteScheduler')
})

test('tokens are counted as the model reads them', async () => {
  const { client } = await engineHere()
  const count = (prompt: string, longPrompts?: 'chunks' | 'cut') =>
    client.models.countTokens({ model: 'sticker-world', prompt, longPrompts })
  expect(await count('')).toEqual({ tokens: 2, limit: 32, chunks: 1, leftOut: '' })
  expect(await count('a fox')).toEqual({ tokens: 4, limit: 32, chunks: 1, leftOut: '' })
  const long = 'a fox '.repeat(20)
  expect(await count(long)).toEqual({ tokens: 44, limit: 32, chunks: 2, leftOut: '' })
  expect(await count(long, 'cut')).toEqual({
    ...{ tokens: 42, limit: 32, chunks: 1, leftOut: 'a fox a fox a fox a fox a fox' },
  })
  // Syntax takes no tokens; of what changes by step the longest counts.
  expect(await count('a (fox:1.3)')).toMatchObject({ tokens: 4 })
  expect(await count('a [fox:fox fox fox:0.5]')).toMatchObject({ tokens: 6 })
  expect(await count('a fox BREAK a fox')).toMatchObject({ tokens: 8, chunks: 2 })
})

test('a prompt token by token; what was written before; styles', async () => {
  const home = temporaryHome()
  const { client } = await engineHere({ home })
  const { text, tokens, limit } = await client.models.tokens({ model: 'sticker-world', prompt: 'a (fox:1.3)' })
  expect(tokens.map(({ start, end, weight }) => [text.slice(start, end), weight])).toEqual([
    ['a', 1],
    ['fox', 1.3],
  ])
  expect(limit).toBe(32)
  mkdirSync(join(home, 'wildcards'))
  writeFileSync(join(home, 'wildcards', 'animal.txt'), 'fox\n')
  expect(await client.prompts.wildcards()).toEqual({ names: ['animal'] })
  expect(await client.prompts.recent({})).toEqual({ prompts: [] })
  expect(await client.prompts.suggest({ words: 'fo' })).toEqual({ phrases: [], words: [] })
  const ink = { name: 'Ink', prompt: '{prompt}, ink', negative: '', parameters: { steps: 4 } }
  expect(await client.styles.save(ink)).toEqual([ink])
  expect(await client.styles.import({ csv: 'name,prompt,negative_prompt\nOil,oil,ink' })).toEqual({ imported: 1 })
  expect((await client.styles.list()).map(({ name }) => name)).toEqual(['Ink', 'Oil'])
  expect(await client.styles.remove({ name: 'Oil' })).toEqual([ink])
})

test('the words that a job chose are what its recipe holds, and the seed chooses them again', async () => {
  const home = temporaryHome()
  const { client } = await engineHere({ home, operations })
  mkdirSync(join(home, 'wildcards'))
  writeFileSync(join(home, 'wildcards', 'animal.txt'), 'fox\nowl\nhare\n')
  const submit = async (prompt: string) => {
    const { parameters } = await client.jobs.submit({
      operation: 'text-to-image',
      model: 'sticker-world',
      parameters: { prompt, negative: '{dark|dim}', seed: '7', steps: 1 },
    })
    return parameters
  }
  const { prompt, negative } = await submit('a {red|blue|green} __animal__')
  expect(prompt).toMatch(/^a (red|blue|green) (fox|owl|hare)$/)
  expect(negative).toMatch(/^(dark|dim)$/)
  expect(await submit('a {red|blue|green} __animal__')).toMatchObject({ prompt, negative })
  expect(await refusal(submit('a __colour__'))).toMatchObject({
    code: 'WILDCARD_UNKNOWN',
    message: expect.stringContaining('colour.txt'),
  })
})

test('a picture without a recipe says so', async () => {
  const { client } = await engineHere()
  const file = new File([Buffer.from('no picture')], 'x.png')
  expect(await refusal(client.images.readRecipe({ name: 'x.png', file }))).toMatchObject({ code: 'PICTURE_FORMAT' })
})

test('a LoRA changes the picture by its strength; the recipe names its file and what was in it', async () => {
  const { client } = await studio()
  const path = join(temporaryHome(), 'style.safetensors')
  const factor = (shape: readonly number[]) => {
    const size = shape.reduce((product, side) => product * side, 1)
    return { dtype: 'F32', shape, data: Float32Array.from({ length: size }, (_, k) => Math.sin(k) / 4) } as const
  }
  writeSafetensors(path, [
    ['lora_unet_conv_in.lora_down.weight', factor([2, 8, 3, 3])],
    ['lora_unet_conv_in.lora_up.weight', factor([64, 2, 1, 1])],
  ])
  const draw = async (parameters: object) => {
    const asked = { prompt: 'a red apple', seed: '7', steps: 2, ...parameters }
    const { id } = await client.jobs.submit({ operation: 'text-to-image', model: 'sticker-world', parameters: asked })
    await jobIn(client, id, 'done')
    const { images } = await client.images.list({})
    const image = images.find(({ jobId }) => jobId === id)
    if (image?.recipe === undefined) throw new Error('there is no picture')
    return { hash: image.hash, recipe: image.recipe }
  }
  const plain = await draw({})
  const styled = await draw({ loras: [{ model: path }] })
  const weak = await draw({ loras: [{ model: path, strength: 0.2 }] })
  expect(new Set([plain.hash, styled.hash, weak.hash]).size).toBe(3)
  expect(plain.recipe.additions).toBeUndefined()
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
  expect(weak.recipe.additions).toEqual([{ model: realpathSync(path), hash }])
  expect(weak.recipe.parameters.loras).toEqual([{ model: realpathSync(path), strength: 0.2 }])
  const absent = { prompt: 'x', loras: [{ model: `${path}.absent` }] }
  const asked = { operation: 'text-to-image', model: 'sticker-world', parameters: absent }
  expect(await refusal(client.jobs.submit(asked))).toMatchObject({ code: 'FILE_MISSING' })
})

test('a question about a picture is answered by pictures that are none of the gallery; stopped, it says so', async () => {
  const { client, blobPath } = await studio()
  const asked = { operation: 'text-to-image', model: 'sticker-world', parameters: { prompt: 'a red apple', steps: 2 } }
  const drawn = await jobIn(client, (await client.jobs.submit(asked)).id, 'done', 60_000)
  const { hash } = await client.images.get({ id: drawn.images[0] })
  const question = {
    ...{ operation: 'where-words-look', model: 'sticker-world' },
    parameters: { prompt: 'a red apple', image: hash, looks: 1 },
  }
  const { pictures } = await client.jobs.ask(question)
  expect(pictures).toHaveLength(3)
  for (const map of pictures) expect(blobPath(map)?.type).toBe('image/png')
  expect((await client.images.list({})).total).toBe(1)
  expect((await refusal(client.jobs.ask(asked))) as object).toMatchObject({ code: 'OPERATION_SILENT' })

  await client.jobs.pauseQueue({ paused: true })
  const events = await client.system.events()
  const stopped = refusal(client.jobs.ask(question))
  const last = (await until(events, event => event.type === 'job' && event.job.state === 'waiting')).at(-1)
  await client.jobs.cancel({ id: last?.type === 'job' ? last.job.id : expect.unreachable() })
  expect(await stopped).toMatchObject({ code: 'JOB_CANCELLED' })
})
