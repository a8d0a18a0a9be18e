import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { describeCheckpoint } from '../models/describe.ts'
import { Runtime } from '../runtime/runtime.ts'
import type { RgbImage } from '../tensor/images.ts'
import { writeWordMasks } from '../training/testing-word-masks.ts'
import { identify } from '../weights/identify.ts'
import { LazyModels } from './lazy-models.ts'
import { maskFromWords } from './mask-from-words.ts'

const picture: RgbImage = {
  ...{ width: 40, height: 24 },
  data: Uint8Array.from({ length: 40 * 24 * 3 }, (_, k) => (k * k * 7) % 251),
}
const usual = { image: 'a', threshold: 0.5, softness: 0, together: 'one mask' } as const

function opened() {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-masks-'))
  writeWordMasks(folder)
  const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 28 })
  onTestFinished(async () => {
    await runtime.release()
    rmSync(folder, { recursive: true })
  })
  return { folder, masks: new LazyModels(folder, runtime, {}).masks }
}

async function found(masks: LazyModels['masks'], chosen: object) {
  const context = { masks, signal: new AbortController().signal, wantsPreviews: false }
  const run = maskFromWords.run(
    { ...context, pictures: { read: async () => picture } },
    { ...usual, prompt: '', ...chosen },
  )
  const phases: string[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { phases, masks: next.value.map(({ image }) => image) }
    phases.push(next.value.phase)
  }
}

test('a folder of CLIPSeg is known by its keys and config, and its file means the folder', () => {
  const { folder } = opened()
  expect(identify(folder).kind).toBe('masks')
  expect(identify(join(folder, 'model.safetensors')).kind).toBe('masks')
  expect(describeCheckpoint(folder)).toMatchObject({ kind: 'masks', precision: 'fp32' })
  expect(describeCheckpoint(join(folder, 'model.safetensors')).bytes).toBe(describeCheckpoint(folder).bytes)
})

test('several things are marked together, or each for itself, as sure as is asked', async () => {
  const { masks } = opened()
  const [cat, dog] = [(await masks.find(picture, 'a cat')).data, (await masks.find(picture, 'dog')).data]
  expect(cat).not.toEqual(dog)
  const middle = [...cat].sort((a, b) => a - b)[Math.floor(cat.length / 2)]
  const each = await found(masks, { prompt: 'a cat, dog,', threshold: middle, together: 'a mask for each' })
  expect(each.phases).toEqual(['Looking for a cat', 'Looking for dog'])
  expect(each.masks).toHaveLength(2)
  const marked = (sure: Float32Array) =>
    Array.from({ length: sure.length * 3 }, (_, k) => (sure[Math.floor(k / 3)] >= middle ? 255 : 0))
  expect([...each.masks[0].data]).toEqual(marked(cat))
  const { masks: one } = await found(masks, { prompt: 'a cat, dog', threshold: middle })
  expect(one).toHaveLength(1)
  expect([...one[0].data]).toEqual(marked(cat.map((value, k) => Math.max(value, dog[k]))))
  const { masks: soft } = await found(masks, { prompt: 'a cat', threshold: middle, softness: 1 })
  expect(new Set(soft[0].data).size).toBeGreaterThan(8)
})

test('nothing to look for is refused', async () => {
  const { masks } = opened()
  await expect(found(masks, { prompt: ' , ' })).rejects.toMatchObject({ code: 'MASK_WORDS' })
})

test('a vocabulary with more words than the model knows is refused in a sentence', async () => {
  const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 28 })
  const { masks } = new LazyModels('test/parity/goldens/models/clipseg_simple', runtime, {})
  await expect(found(masks, { prompt: 'a cat' })).rejects.toMatchObject({
    code: 'TOKENIZER_FILE',
    message: expect.stringMatching(/is not its own: the model knows 99 pieces of words\.$/),
  })
  await runtime.release()
})
