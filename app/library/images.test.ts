import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { addImage, problemCode, recipe, testLibrary } from './testing.ts'

test('what was added is found again with its whole recipe', async () => {
  const library = testLibrary()
  const image = await addImage(library, { prompt: 'a red apple', seed: '18446744073709551615' })
  expect(library.images.get(image.id)).toEqual(image)
  expect(image.recipe).toEqual(recipe({ prompt: 'a red apple', seed: '18446744073709551615' }))
  expect(await problemCode(() => library.images.get('nobody'))).toBe('IMAGE_UNKNOWN')
})

test('a search means words of the prompt, seed, model and sampler, all of them', async () => {
  const named = { DPMSolverMultistepScheduler: 'dpm++2m' }
  const library = testLibrary({
    samplerNames: word => Object.entries(named).flatMap(([name, title]) => (title.includes(word) ? [name] : [])),
  })
  await addImage(library, { prompt: 'A fox with a Café hat', seed: '7' })
  await addImage(library, { prompt: 'a blue fox', seed: '70', sampler: 'DDIMScheduler' })
  await addImage(library, { prompt: 'a hat, 100% blue_ink', seed: '007', model: { name: 'Harbour 1.5', hash: 'cd' } })
  await addImage(library, { prompt: '猫 on a mat', seed: '8', sampler: 'DPMSolverMultistepScheduler' })
  const found = (search: string) => library.images.list({ search }).images.map(image => image.recipe?.parameters.prompt)
  const [fox, blueFox, hat, cat] = ['A fox with a Café hat', 'a blue fox', 'a hat, 100% blue_ink', '猫 on a mat']
  expect(found('fox')).toEqual([blueFox, fox])
  expect(found('FOX cafe')).toEqual([fox])
  expect(found('bl')).toEqual([hat, blueFox])
  expect(found('"blue fox"')).toEqual([blueFox])
  expect(found('"fox blue"')).toEqual([])
  expect(found('猫')).toEqual([cat])
  expect(found('seed:7')).toEqual([fox])
  expect(found('seed:08')).toEqual([cat])
  expect(found('model:"harbour 1.5" hat')).toEqual([hat])
  expect(found('model:h%r')).toEqual([])
  expect(found('sampler:ddim')).toEqual([blueFox])
  expect(found('sampler:dpm++')).toEqual([cat])
  expect(found('  ')).toHaveLength(4)
  for (const odd of [
    '"',
    '""',
    'seed:',
    'a" OR "b',
    'NEAR(',
    '*',
    '^',
    '-fox',
    'prompt:fox',
    "';--",
    'model:"',
    '%',
    ':',
  ]) {
    expect(() => found(odd)).not.toThrow()
  }
  expect(library.images.list({ search: 'fox', limit: 1 }).total).toBe(2)
})

test('pages are walked without gap or repetition while pictures are added', async () => {
  const library = testLibrary()
  // The same millisecond for all: the order must not hang on the time alone.
  for (let n = 0; n < 25; n++) await addImage(library, { prompt: `picture ${n}` }, 1000)
  const seen: unknown[] = []
  let cursor: string | undefined
  do {
    const page = library.images.list({ limit: 10, cursor })
    seen.push(...page.images.map(image => image.recipe?.parameters.prompt))
    cursor = page.next
    await addImage(library, { prompt: 'meanwhile' }, 2000)
  } while (cursor !== undefined)
  expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `picture ${24 - n}`))
  expect(await problemCode(() => library.images.list({ cursor: '1; DROP' }))).toBe('CURSOR_INVALID')
})

test('the trash can be undone, and emptied for good', async () => {
  const library = testLibrary()
  const [kept, binned] = [await addImage(library), await addImage(library)]
  expect(library.images.trash([binned.id, 'unknown'])).toEqual([binned.id])
  expect(library.images.list({}).images).toEqual([kept])
  expect(library.images.list({ trashed: true }).images.map(image => image.id)).toEqual([binned.id])
  expect(library.images.restore([binned.id, kept.id])).toEqual([binned.id])
  expect(library.images.list({}).total).toBe(2)

  library.images.trash([binned.id])
  const path = library.blobs.find(binned.hash)?.path ?? ''
  expect(existsSync(path)).toBe(true)
  expect(await library.images.emptyTrash()).toEqual([binned.id])
  expect(existsSync(path)).toBe(false)
  expect(library.blobs.find(binned.hash)).toBeUndefined()
  expect(await problemCode(() => library.images.get(binned.id))).toBe('IMAGE_UNKNOWN')
  expect(library.images.list({ search: 'fox' }).total).toBe(1)
})

test('a file stays while another picture has the same content', async () => {
  const library = testLibrary()
  const blob = await library.blobs.put(Buffer.from('same'), 'image/png')
  const [first, second] = library.images.add([0, 1].map(index => ({ blob, width: 1, height: 1, index })))
  library.images.trash([first?.id ?? ''])
  await library.images.emptyTrash()
  expect(existsSync(library.blobs.find(second?.hash ?? '')?.path ?? '')).toBe(true)
})

test('content that is removed for good between storing and recording is not recorded without its file', async () => {
  const library = testLibrary()
  const bytes = Buffer.from('twice')
  const [image] = library.images.add([
    { blob: await library.blobs.put(bytes, 'image/png'), width: 1, height: 1, index: 0 },
  ])
  const again = await library.blobs.put(bytes, 'image/png')
  library.images.trash([image?.id ?? ''])
  await library.images.emptyTrash()
  expect(await problemCode(() => library.images.add([{ blob: again, width: 1, height: 1, index: 0 }]))).toBe(
    'BLOB_GONE',
  )
})

test('stars', async () => {
  const library = testLibrary()
  const image = await addImage(library)
  await addImage(library)
  expect(library.images.star(image.id, true).starred).toBe(true)
  expect(library.images.list({ starred: true }).images.map(found => found.id)).toEqual([image.id])
  expect(library.images.list({ starred: false }).total).toBe(1)
})
