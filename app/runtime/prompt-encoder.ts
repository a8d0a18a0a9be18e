import { parseConfig } from '../models/family.ts'
import { denoiserKind, denoiserPart, readsExamples, t5Part, t5Window } from '../models/parts.ts'
import { sd3Transformer2D } from '../models/sd3-transformer-2d.ts'
import { joinTokens } from '../tensor/batches.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'
import type { ModelSource } from '../weights/model-source.ts'
import { ClipEncoders, type PromptEncoder, type TextAdditions } from './clip-encoders.ts'
import { ExampleStates } from './example-states.ts'
import type { Load } from './network.ts'
import type { Runtime } from './runtime.ts'
import { T5States } from './t5-states.ts'

/** Opens the text encoders of a checkpoint as its denoising network reads them.
 *  @throws Problem COMPONENT_*, MODEL_CONFIG, TOKENIZER_FILE, EMBEDDING_* */
export function openPromptEncoder(runtime: Runtime, folder: ModelSource, additions: TextAdditions): PromptEncoder {
  if (readsExamples(folder)) return new ExampleStates(runtime, folder)
  const clip = new ClipEncoders(runtime, folder, additions)
  const part = t5Part(folder)
  const window = t5Window(folder)
  const t5 = part && new T5States(runtime, folder, part, window, additions.loras.t5)
  switch (denoiserKind(folder)) {
    case 'sd3':
      return jointEncoder(clip, t5, { window, width: t5?.width ?? textWidth(folder) })
    case 'flux':
      return t5 === undefined ? clip : fluxEncoder(clip, t5)
    case 'unet':
      return clip
  }
}

/** What Stable Diffusion 3's transformer takes of each token. */
function textWidth(folder: ModelSource): number {
  const { name, classes } = denoiserPart(folder)
  const { config, configPath } = folder.component(name, classes)
  return parseConfig(sd3Transformer2D, config, configPath).joint_attention_dim
}

/** Stable Diffusion 3 (Esser et al. 2024, arXiv:2403.03206, figure 2): CLIP's states, filled up with zeros to T5's width, then T5's; zeros
 *  in their place where a model has no T5, as the reference's StableDiffusion3Pipeline does. */
const jointEncoder = (
  clip: ClipEncoders,
  t5: T5States | undefined,
  { window, width }: { readonly window: number; readonly width: number },
): PromptEncoder => ({
  width: Math.max(width, clip.width),
  pooledWidth: clip.pooledWidth,
  get load() {
    return t5 ? both(clip.load, t5.load) : clip.load
  },
  async encode(prompts, long) {
    const encoded = await clip.encode(prompts, long)
    const states = await t5?.encode(prompts.map(({ sections, third = sections }) => third))
    const none = tensor([1, window, width])
    return encoded.map(({ context, pooled }, k) => ({
      context: joinTokens([widened(context, width), states?.[k] ?? none]),
      ...(pooled && { pooled }),
    }))
  },
  async rest() {
    await clip.rest()
    await t5?.rest()
  },
})

/** Flux: T5's states, and CLIP's state of the end token for the whole text. */
const fluxEncoder = (clip: ClipEncoders, t5: T5States): PromptEncoder => ({
  width: t5.width,
  pooledWidth: clip.pooledWidth,
  get load() {
    return both(clip.load, t5.load)
  },
  async encode(prompts) {
    const encoded = await clip.encode(prompts, 'cut')
    const states = await t5.encode(prompts.map(({ sections, second = sections }) => second))
    return encoded.map(({ pooled }, k) => ({ context: states[k], ...(pooled && { pooled }) }))
  },
  async rest() {
    await clip.rest()
    await t5.rest()
  },
})

/** Two encoders, one after the other. */
const both = (one: Load, other: Load): Load => ({
  footprint: {
    weights: one.footprint.weights + other.footprint.weights,
    activations: Math.max(one.footprint.activations, other.footprint.activations),
  },
  work: one.work + other.work,
})

/** [1, tokens, own width] -> [1, tokens, width], zeros behind. */
function widened({ shape: [, tokens, own], data }: Tensor, width: number): Tensor {
  const wide = tensor([1, tokens, width])
  for (let row = 0; row < tokens; row++) wide.data.set(data.subarray(row * own, (row + 1) * own), row * width)
  return wide
}
