import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLibrary } from '../app/library/library.ts'
import { problemCode, temporaryFolder } from '../app/library/testing.ts'
import { modelKinds } from '../app/weights/model-kinds.ts'
import { type TensorToWrite, writeSafetensors } from '../app/weights/safetensors.ts'
import { ModelShelf } from './model-shelf.ts'

const embedded = join(import.meta.dirname, '../native-models')
const checkpoint = join(import.meta.dirname, '../test/parity/goldens/models/single_file/sd1.safetensors')

const zeros = (shape: readonly number[]): TensorToWrite => ({
  dtype: 'F32',
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
})

function writeLora(path: string, metadata: Record<string, string> = {}): void {
  const key = 'lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k.lora_down.weight'
  writeSafetensors(path, [[key, zeros([4, 768])]], metadata)
}

function shelfIn(home: string): ModelShelf {
  const library = openLibrary({ home, keepsQueue: false })
  const shelf = new ModelShelf(library.models, embedded)
  onTestFinished(() => {
    shelf.close()
    library.close()
  })
  return shelf
}

/** A folder as another program keeps its models. */
function otherProgram(): string {
  const folder = temporaryFolder()
  for (const name of ['checkpoints', 'loras', 'notes']) mkdirSync(join(folder, name))
  cpSync(checkpoint, join(folder, 'checkpoints/dream.safetensors'))
  writeLora(join(folder, 'loras/cat.safetensors'), { 'modelspec.trigger_phrase': 'my cat', 'modelspec.license': 'CC0' })
  writeFileSync(join(folder, 'loras/half.safetensors'), Buffer.alloc(20, 1))
  writeSafetensors(join(folder, 'notes/numbers.safetensors'), [['numbers', zeros([5, 5])]])
  return folder
}

test('a folder of another program: what is a model is added in place, what is none is told with its name', async () => {
  const [home, folder] = [temporaryFolder(), otherProgram()]
  const { found, models, refused } = await shelfIn(home).import([folder])
  expect(found).toBe(4)
  expect(models.map(({ name, kind, family }) => [name, kind, family])).toEqual([
    ['dream', 'checkpoint', 'sd1'],
    ['cat', 'lora', 'sd1'],
  ])
  expect(models[1]).toMatchObject({ licence: 'CC0', triggerWords: ['my cat'], precision: 'fp32' })
  expect(refused.map(({ path }) => path)).toEqual([
    join(folder, 'loras/half.safetensors'),
    join(folder, 'notes/numbers.safetensors'),
  ])
  for (const { path, problem } of refused) expect(problem).toContain(path)
})

test('the next start knows them still; the page sees checkpoints alone unless it asks for more', async () => {
  const [home, folder] = [temporaryFolder(), otherProgram()]
  await shelfIn(home).import([folder])
  const shelf = shelfIn(home)
  expect(shelf.list().map(({ kind }) => kind)).toEqual(['checkpoint', 'checkpoint', 'checkpoint'])
  expect(shelf.list(['lora']).map(({ name }) => name)).toEqual(['cat'])
  expect(shelf.list(modelKinds).filter(({ embedded }) => !embedded)).toHaveLength(2)
})

test('a file that was changed is looked at again, one that is gone says so, one that is removed is forgotten', async () => {
  const [home, folder] = [temporaryFolder(), otherProgram()]
  const shelf = shelfIn(home)
  const path = join(folder, 'loras/cat.safetensors')
  const { models } = await shelf.import([path])
  writeLora(path, { 'modelspec.title': 'Another cat' })
  utimesSync(path, 1, 1)
  expect(shelf.list(['lora'])[0]?.name).toBe('Another cat')
  rmSync(path)
  expect(shelf.list(['lora'])[0]?.problem).toContain('no longer there')
  expect(shelf.remove([models[0].id, 'nobody'])).toEqual([models[0].id])
  expect(shelf.list(['lora'])).toEqual([])
})

test('hashes are computed in the background: of a file its SHA-256', async () => {
  const shelf = shelfIn(temporaryFolder())
  const path = join(otherProgram(), 'loras/cat.safetensors')
  await shelf.import([path])
  await expect.poll(() => shelf.list(['lora'])[0]?.hash, { timeout: 5000 }).toMatch(/^[0-9a-f]{64}$/)
})

test('what is put beside a model goes by id, title, file name or path; an unknown name lists what there is', async () => {
  const shelf = shelfIn(temporaryFolder())
  const folder = otherProgram()
  const titled = join(folder, 'loras/v2-final.safetensors')
  writeLora(titled, { 'modelspec.title': 'Ink Wash' })
  const { models } = await shelf.import([folder])
  const cat = join(folder, 'loras/cat.safetensors')
  const id = models.find(({ name }) => name === 'cat')?.id ?? ''
  for (const name of [id, 'cat', 'CAT', 'cat.safetensors', cat]) expect(shelf.addition(name, 'lora')).toBe(cat)
  for (const name of ['ink wash', 'v2-final']) expect(shelf.addition(name, 'lora')).toBe(titled)
  expect(() => shelf.addition('dog', 'lora')).toThrow(
    expect.objectContaining({ code: 'ADDITION_UNKNOWN', hint: expect.stringContaining('cat, Ink Wash') }),
  )
  expect(() => shelf.addition('cat', 'vae')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('no VAEs here yet') }),
  )
  expect(() => shelf.addition(`${cat}.absent`, 'lora')).toThrow(expect.objectContaining({ code: 'FILE_MISSING' }))
})

test('a link keeps its name: an embedding is called by it', () => {
  const folder = temporaryFolder()
  writeLora(join(folder, 'blob.safetensors'))
  symlinkSync(join(folder, 'blob.safetensors'), join(folder, 'gloomy.safetensors'))
  expect(shelfIn(temporaryFolder()).addition(join(folder, 'gloomy.safetensors'), 'embedding')).toMatch(/gloomy/)
})

test('importing twice adds once; a path that is not there is refused', async () => {
  const shelf = shelfIn(temporaryFolder())
  const folder = otherProgram()
  await shelf.import([folder, folder])
  await shelf.import([join(folder, 'loras')])
  expect(shelf.list(['lora'])).toHaveLength(1)
  expect(await problemCode(() => shelf.import([join(folder, 'nothing')]))).toBe('FILE_MISSING')
})

test('a model that was moved is found again by its content, keeps its id, and nothing else is taken for it', async () => {
  const [home, folder] = [temporaryFolder(), otherProgram()]
  const shelf = shelfIn(home)
  const { models } = await shelf.import([folder])
  const [dream, cat] = models
  mkdirSync(join(folder, 'elsewhere'))
  const [newDream, newCat] = ['sleep.safetensors', 'tiger.safetensors'].map(name => join(folder, 'elsewhere', name))
  renameSync(dream.path, newDream)
  renameSync(cat.path, newCat)
  const lost = shelf.list(modelKinds).filter(({ missing }) => missing)
  expect(lost.map(({ name, problem }) => [name, problem?.includes('no longer there')])).toEqual([
    ['dream', true],
    ['cat', true],
  ])
  expect(await problemCode(() => shelf.locate(dream.id, newCat))).toBe('MODEL_DIFFERENT')
  expect(await problemCode(() => shelf.locate(dream.id, join(folder, 'nowhere')))).toBe('FILE_MISSING')
  expect(await problemCode(() => shelf.locate('nobody', newCat))).toBe('MODEL_UNKNOWN')
  // The folder is looked through.
  expect(await shelf.locate(cat.id, join(folder, 'elsewhere'))).toMatchObject({ id: cat.id, path: newCat })
  expect(await shelf.locate(dream.id, newDream)).toMatchObject({ id: dream.id, path: newDream, name: 'sleep' })
  expect(shelf.list(modelKinds).filter(({ missing }) => missing)).toEqual([])
  // Added once more, it stays the same model.
  expect((await shelf.import([newDream])).models.map(({ id }) => id)).toEqual([dream.id])
})

test('a file of the same size and header with other numbers is another model where the hash is known', async () => {
  const [home, folder] = [temporaryFolder(), otherProgram()]
  const library = openLibrary({ home, keepsQueue: false })
  const shelf = new ModelShelf(library.models, embedded)
  onTestFinished(() => {
    shelf.close()
    library.close()
  })
  const path = join(folder, 'loras/cat.safetensors')
  const [{ id }] = (await shelf.import([path])).models
  const { fingerprint = '' } = library.models.list().find(row => row.id === id) ?? {}
  library.models.setHash(id, fingerprint, await shelf.additionHash(path))
  const bytes = readFileSync(path)
  const [same, other] = ['same', 'other'].map(name => join(folder, `notes/${name}.safetensors`))
  writeFileSync(same, bytes)
  bytes[bytes.length - 1] = 1
  writeFileSync(other, bytes)
  rmSync(path)
  expect(await problemCode(() => shelf.locate(id, other))).toBe('MODEL_DIFFERENT')
  expect(await shelf.locate(id, same)).toMatchObject({ id, path: same })
})

test('a file that enlarges pictures is listed with how much, and can be named by jobs; one of an unknown kind says so', async () => {
  const folder = temporaryFolder()
  cpSync(
    join(import.meta.dirname, '../test/parity/goldens/models/upscalers/old_x8.safetensors'),
    join(folder, 'big.safetensors'),
  )
  writeSafetensors(join(folder, 'swin.safetensors'), [['layers.0.residual_group.blocks.0.norm1.weight', zeros([4])]])
  const shelf = shelfIn(temporaryFolder())
  const { models } = await shelf.import([folder])
  const [big, swin] = ['big', 'swin'].map(name => models.find(model => model.name === name))
  expect(big).toMatchObject({ kind: 'upscaler', defaults: { factor: 8 } })
  expect(big?.problem).toBeUndefined()
  expect(shelf.describe(shelf.find('big')).kind).toBe('upscaler')
  expect(swin?.problem).toContain('does not enlarge pictures in a way that is known here')
})
