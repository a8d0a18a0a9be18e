import { expect, test } from 'vitest'
import { targets } from '../graph/targets.ts'
import { Checkpoint } from '../runtime/checkpoint.ts'
import { Runtime } from '../runtime/runtime.ts'
import { noPictures } from './operation.ts'
import { textToImage } from './text-to-image.ts'

const runtime = new Runtime({ target: targets.cpu, threads: 2, memoryBudget: 2 ** 32 })

async function draw(model: string, changes: object): Promise<Uint8Array> {
  const checkpoint = new Checkpoint(`test/parity/goldens/models/${model}`, runtime)
  const { sampler } = checkpoint.description.defaults
  const chosen = textToImage.parameters.parse({ prompt: 'a horse', ...changes })
  const run = textToImage.run(
    { checkpoint, signal: new AbortController().signal, wantsPreviews: false, pictures: noPictures },
    { ...chosen, steps: 2, guidance: 3, sampler, width: 64, height: 48, seed: 5n },
  )
  for (;;) {
    const next = await run.next()
    if (next.done) return next.value[0].image.data
  }
}

test.each(['sd1', 'sdxl'])('the attention of %s guides pictures, each way in its own', async model => {
  const pictures = [
    await draw(model, {}),
    await draw(model, { perturbedGuidance: 3 }),
    await draw(model, { perturbedGuidance: 3, perturbedLayers: 'mid, up_blocks' }),
    await draw(model, { selfGuidance: 1 }),
    await draw(model, { selfGuidance: 1, perturbedGuidance: 3 }),
  ]
  expect(new Set(pictures.map(data => data.join())).size).toBe(pictures.length)
})

test('layers that the model does not have are refused, with those that it has', async () => {
  await expect(draw('sd1', { perturbedGuidance: 1, perturbedLayers: 'up_blocks.7' })).rejects.toMatchObject({
    code: 'ATTENTION_LAYERS',
    message: 'This model has no attention to places in up_blocks.7.',
    hint: 'It has some in down_blocks.0, mid_block, up_blocks.1.',
  })
})
