import type { Checkpoint } from '../runtime/checkpoint.ts'
import { mapTensors } from '../runtime/conditioning.ts'
import type { ControlInputs, PredictConditioned } from '../runtime/denoiser.ts'
import { cleanFrom, type NoiseLevel, noiseFrom, type Prediction, unitLevel } from '../schedulers/prediction.ts'
import { combine, mix } from '../tensor/arithmetic.ts'
import { firstChannels, joinBatches, splitBatches } from '../tensor/batches.ts'
import { blurred } from '../tensor/blur.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'

/** Guidance of a network by a worse one, which is itself: no words and no second model are needed for it. */
export interface SelfGuidance {
  /** Perturbed-attention guidance (Ahn et al. 2024, arXiv:2403.17377): away from what it answers where places see themselves alone. */
  readonly perturbed?: {
    readonly scale: number
    /** How the paths of those layers begin. */
    readonly layers: readonly string[]
  }
  /** Self-attention guidance (Hong et al. 2023, arXiv:2210.00939): away from what it answers where what it looks at most was blurred. */
  readonly degraded?: {
    readonly scale: number
    readonly prediction: Prediction
    /** Of a sample that waits for the call at a timestep. */
    readonly levelAt: (timestep: number) => NoiseLevel
  }
}

/** A checkpoint's network under guidance by itself, for `controlledPredictor` or `guidedNetwork` in the checkpoint's place.
 *
 *  The reference's pipelines add to the guided prediction. Here the same is added to both halves of a call, which classifier-free guidance,
 *  negative + scale (positive - negative), leaves as it is; so it goes with controls, regions and tiles. Perturbed: scale (positive - perturbed), the wanted
 *  pictures once more in the same call (PAGMixin). Degraded: scale (negative - degraded) by a second call for what is pulled away from, or for the only
 *  prediction (StableDiffusionSAGPipeline). */
export function selfGuidedPredictor(
  checkpoint: Pick<Checkpoint, 'predictor' | 'runtime'>,
  self: SelfGuidance,
): Pick<Checkpoint, 'predictor'> {
  const { perturbed, degraded } = self
  if (perturbed === undefined && degraded === undefined) return checkpoint
  return {
    async predictor(latents, tokens, guided, controls) {
      let looks: Looks = {}
      const sizes = { ...(perturbed && { perturbed: perturbed.layers }), ...(degraded && { attended: true }) }
      const onMaps = (given: Looks) => {
        looks = given
      }
      const network = await checkpoint.predictor(latents, tokens, guided, controls, { sizes, onMaps })
      const halves = guided ? 2 : 1
      const half = (value: Tensor, place: number) => splitBatches(value, halves)[place]
      const passes = perturbed ? halves + 1 : halves
      const once = degraded && (await networkOfOnePart(checkpoint, { latents, tokens, controls }, network, passes))
      return async (input, timestep, conditioning) => {
        const widened = (value: Tensor) => (perturbed ? joinBatches([value, half(value, halves - 1)]) : value)
        const answers = splitBatches(await network(widened(input), timestep, mapTensors(conditioning, widened)), passes)
        const pulls: [number, Tensor][] = []
        if (perturbed) pulls.push([perturbed.scale, apart(answers[halves - 1], answers[passes - 1])])
        if (degraded && once) {
          const first = (value: Tensor) => half(value, 0)
          const sample = degradedSample(first(input), answers[0], timestep, degraded, looks)
          const answer = await once(sample, timestep, mapTensors(conditioning, first))
          pulls.push([degraded.scale, apart(answers[0], answer)])
        }
        return joinBatches(answers.slice(0, halves).map(answer => mix([1, answer], ...pulls)))
      }
    },
  }
}

type Looks = Readonly<Record<string, Tensor>>

const apart = (from: Tensor, to: Tensor): Tensor => combine(from, to, (one, other) => one - other)

/** The network for one part of what its calls hold. @param network for all parts, of which there are `passes` */
async function networkOfOnePart(
  checkpoint: Pick<Checkpoint, 'predictor' | 'runtime'>,
  asked: { readonly latents: Shape; readonly tokens: number; readonly controls: ControlInputs | undefined },
  network: PredictConditioned,
  passes: number,
): Promise<PredictConditioned> {
  // A provider that holds weights would load them again for another size.
  if (checkpoint.runtime.target.weights !== 'held')
    return checkpoint.predictor(asked.latents, asked.tokens, false, asked.controls)
  const each = (value: Tensor) => joinBatches(Array.from({ length: passes }, () => value))
  return async (input, timestep, conditioning) =>
    splitBatches(await network(each(input), timestep, mapTensors(conditioning, each)), passes)[0]
}

/** What the network sees, its clean estimate blurred where it looks most, with its own noise on it again. What it sees beside the latents stays. */
function degradedSample(
  input: Tensor,
  answer: Tensor,
  timestep: number,
  { prediction, levelAt }: NonNullable<SelfGuidance['degraded']>,
  looks: Looks,
): Tensor {
  const level = unitLevel(levelAt(timestep), prediction)
  const latents = firstChannels(input, answer.shape[1])
  const clean = cleanFrom(prediction, answer, latents, level)
  const noise = noiseFrom(prediction, answer, latents, level)
  const soft = blurred(clean, { reach: BLUR_REACH, deviation: 1 })
  const isSeen = mostSeen(looks, clean.shape)
  const mixed = clean.data.map((value, place) => (isSeen(place) ? soft.data[place] : value))
  const noisy = mix([level.alpha, tensor(clean.shape, mixed)], [level.sigma, noise])
  return withLatents(input, noisy)
}

/** Places on either side that the reference's blur takes in. */
const BLUR_REACH = 4

/** Whether a value of latents lies where more is looked than in the mean: the map's nearest place counts. */
function mostSeen(looks: Looks, [, channels, height, width]: Shape): (place: number) => boolean {
  const [found] = Object.entries(looks).filter(([name]) => name.startsWith(ATTENDED))
  if (found === undefined) throw new Error('the network did not tell where it looks')
  const [name, { data }] = found
  const [rows, columns] = name.slice(ATTENDED.length).split('x').map(Number)
  return place => {
    const [x, y] = [place % width, Math.floor(place / width) % height]
    const picture = Math.floor(place / (width * height * channels))
    const seen = Math.floor((y * rows) / height) * columns + Math.floor((x * columns) / width)
    return data[picture * rows * columns + seen] > 1
  }
}

const ATTENDED = 'attended/'

/** The input with other latents in its first channels. */
function withLatents(input: Tensor, latents: Tensor): Tensor {
  const data = input.data.slice()
  const [size, own] = [data.length / input.shape[0], latents.data.length / input.shape[0]]
  for (let k = 0; k < input.shape[0]; k++) data.set(latents.data.subarray(k * own, (k + 1) * own), k * size)
  return tensor(input.shape, data)
}
