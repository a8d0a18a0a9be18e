import { z } from 'zod'
import { plainWords } from '../../../app/models/prompt/schedule.ts'
import { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import { invertNullText } from '../../../app/training/null-text.ts'
import { withModelFolder } from '../models.ts'
import { modelWithDdim } from './lora.ts'
import { type Replayer, stack, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  prompt: z.string(),
  steps: z.int(),
  inner: z.int(),
  lr: z.number(),
  guidance: z.number(),
})

/** Null-text inversion of given latents. */
export const replayNullText: Replayer = variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const { prompt, lr: rate, ...plan } = parsed.data
  return withModelFolder(modelWithDdim(variant.root), async (folder, runtime) => {
    const checkpoint = new Checkpoint(folder, runtime)
    const request = { prompt: { sections: plainWords(prompt) }, size: checkpoint.description.defaults }
    const [conditioning] = await checkpoint.condition([request], 'cut')
    const { signal } = new AbortController()
    const latents = variant.inputs.tensor('latent')
    const run = invertNullText(runtime, checkpoint, { latents, ...conditioning, ...plan, rate, signal })
    let next = await run.next()
    while (!next.done) next = await run.next()
    const found = next.value
    const [, tokens, width] = found.embeddings[0].shape
    const embeddings = stack(found.embeddings)
    return {
      outputs: {
        inversion: stack(found.inversion),
        losses: { shape: [plan.steps, plan.inner], data: found.losses.flat() },
        uncond_embeddings: { shape: [plan.steps, tokens, width], data: embeddings.data },
        reconstructed: found.reconstructed,
      },
    }
  })
}
