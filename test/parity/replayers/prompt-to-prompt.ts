import { z } from 'zod'
import { type AttentionPlan, attentivePredictor } from '../../../app/diffusion/attention.ts'
import { promptToPrompt, type WordEdit } from '../../../app/diffusion/prompt-to-prompt.ts'
import { equalizerOf, refinementAlignment, swapAlignment } from '../../../app/models/prompt/alignment.ts'
import { plainWords } from '../../../app/models/prompt/schedule.ts'
import type { WordPlaces } from '../../../app/models/prompt/word-places.ts'
import { Checkpoint } from '../../../app/runtime/checkpoint.ts'
import { joinConditioning } from '../../../app/runtime/conditioning.ts'
import { repeatEach } from '../../../app/tensor/batches.ts'
import { type Tensor, tensor } from '../../../app/tensor/tensor.ts'
import { chosenPrecision, withModelFolder } from '../models.ts'
import { modelWithDdim } from './lora.ts'
import { callSchema, denoiseAll, scheduleOf } from './pipeline.ts'
import { type Output, type Replayer, stack, unknownParameters } from './replayer.ts'

const parameters = z.strictObject({
  steps: z.int(),
  guidance: z.number(),
  cross_replace_steps: z.number(),
  self_replace_steps: z.number(),
  self_max_pixels: z.int(),
  mode: z.enum(['replace', 'refine', 'reweight']),
  prompts: z.tuple([z.string(), z.string()]),
  weights: z.record(z.string(), z.number()).default({}),
  with_plain: z.boolean().default(false),
})
type Parameters = z.output<typeof parameters>

/** A source and an edited picture of one noise, the edited one with the attention of the source. */
export const replayPromptToPrompt: Replayer = variant => {
  const parsed = parameters.safeParse(variant.params)
  if (!parsed.success) return unknownParameters(parsed.error)
  const chosen = parsed.data
  return withModelFolder(modelWithDdim(variant.root), async (folder, runtime) => {
    const checkpoint = new Checkpoint(folder, runtime, { precision: chosenPrecision() })
    const [source, edited] = chosen.prompts.map(prompt => checkpoint.wordPlaces(plainWords(prompt), 'cut'))
    const tokens = checkpoint.description.promptTokens
    const edit = editOf(chosen, source, edited, tokens)
    const draw = drawer(checkpoint, chosen)
    const latents = repeatEach(variant.inputs.tensor('latent'), 2)
    const { steps } = chosen
    const { schedule, ...drawn } = await draw(latents, promptToPrompt(edit, { steps, calls: steps }))
    const plain = chosen.with_plain ? await draw(latents, undefined) : undefined
    const { shape, data } = await checkpoint.decode(drawn.latents)
    return {
      outputs: {
        ...mapperOf(chosen, edit, tokens),
        equalizer: tensor([tokens], edit.equalizer),
        edit_latents_per_step: stack(drawn.perCall),
        ...(plain && { plain_latents_per_step: stack(plain.perCall) }),
        image: tensor(
          shape,
          data.map(value => Math.min(Math.max(value / 2 + 0.5, 0), 1)),
        ),
      },
      expected: { tokens: variant.expected.tokens, timesteps: schedule.timesteps },
    }
  })
}

function drawer(checkpoint: Checkpoint, { steps, guidance, prompts }: Parameters) {
  const call = callSchema.parse({ prompt: prompts, num_inference_steps: steps, guidance_scale: guidance })
  return async (latents: Tensor, plan: AttentionPlan | undefined) => {
    const requests = prompts.map(prompt => ({
      prompt: { sections: plainWords(prompt) },
      size: checkpoint.description.defaults,
    }))
    const read = await checkpoint.condition(requests, 'cut')
    const conditioning = {
      positive: joinConditioning(read.map(({ positive }) => positive)),
      negative: joinConditioning(read.map(({ negative }) => negative)),
    }
    const { predictor } = attentivePredictor(checkpoint, plan, 0)
    return denoiseAll(checkpoint, call, conditioning, {
      schedule: scheduleOf(checkpoint, call, latents.shape),
      ...{ latents, noise: tensor, predictor: predictor.bind(checkpoint) },
    })
  }
}

/** As the authors' program aligns them. */
function editOf(chosen: Parameters, source: WordPlaces, edited: WordPlaces, tokens: number): WordEdit {
  const weights = new Map(
    Object.entries(chosen.weights).flatMap(([word, weight]) =>
      edited.words.flatMap(({ text }, k) => (text === word ? [[k, weight] as const] : [])),
    ),
  )
  const aligned =
    chosen.mode === 'refine'
      ? refinementAlignment(source, edited, tokens)
      : { matrix: alongDiagonal(source, edited, tokens), shared: new Float32Array(tokens).fill(1) }
  return {
    ...aligned,
    equalizer: equalizerOf(edited, tokens, weights),
    ...{ placement: chosen.cross_replace_steps, shape: chosen.self_replace_steps, mostPlaces: chosen.self_max_pixels },
  }
}

/** Our words keep to their own after a swapped one of another length; the authors' program goes on along the diagonal from there. */
function alongDiagonal(source: WordPlaces, edited: WordPlaces, tokens: number): Float32Array {
  const { matrix } = swapAlignment(source, edited, tokens)
  const swapped = edited.words.findLastIndex(({ text }, k) => text !== source.words[k].text)
  const end = swapped < 0 ? 0 : (edited.words[swapped].places.at(-1) ?? 0) + 1
  for (let row = 0; row < tokens; row++) {
    for (let column = end; column < tokens; column++) matrix[row * tokens + column] = row === column ? 1 : 0
  }
  return matrix
}

/** The reference writes where each token comes from, and -1 for those that are new. */
function mapperOf({ mode }: Parameters, { matrix, shared }: WordEdit, tokens: number): Record<string, Output> {
  if (mode === 'reweight') return {}
  if (mode === 'replace') return { mapper: tensor([tokens, tokens], matrix) }
  const from = Array.from({ length: tokens }, (_, column) => {
    if (shared[column] === 0) return -1
    return Array.from({ length: tokens }, (_, row) => matrix[row * tokens + column]).indexOf(1)
  })
  return { mapper: { shape: [tokens], data: from }, alphas: tensor([tokens], shared) }
}
