import type { Checkpoint } from '../runtime/checkpoint.ts'
import type { Conditioning } from '../runtime/conditioning.ts'
import type { ControlCall, ControlNetwork, Residuals } from '../runtime/control-network.ts'
import { combine } from '../tensor/arithmetic.ts'
import { firstChannels, joinBatches, repeatEach, splitBatches } from '../tensor/batches.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/** A ControlNet with what it shall hold the picture to (Zhang et al. 2023, arXiv:2302.05543). */
export interface Control {
  readonly network: ControlNetwork
  /** [1, channels, height x stride, width x stride] of the latents, in [0, 1]. */
  readonly picture: Tensor
  /** How strongly it acts; 1: as it was trained. */
  readonly weight: number
  /** The part of the run in which it acts, as shares of its calls: 0 to 1. */
  readonly start: number
  readonly end: number
}

/** How all controls of a run act. */
export interface ControlledRun {
  /** Calls of the network that are made. */
  readonly calls: number
  /** Channels of the latents, where the network sees others beside them, which ControlNets do not. */
  readonly channels?: number
  /** The pictures alone guide, the prompt hardly: only what the picture is pulled towards is controlled, at strengths that fall towards fine levels
   *  (arXiv:2302.05543, section 4.1). */
  readonly guessMode: boolean
}

/** A checkpoint's network with ControlNets beside it, for `guidedNetwork` in the checkpoint's place: what they answer to each call is added
 *  inside the UNet. Several act together: their answers are summed, as the reference's MultiControlNetModel does it.
 *  What it opens is for one run, since it counts the calls. */
export function controlledPredictor(
  checkpoint: Pick<Checkpoint, 'predictor'>,
  controls: readonly Control[],
  { calls, channels, guessMode }: ControlledRun,
): Checkpoint['predictor'] {
  const [first] = controls
  if (first === undefined) return (latents, tokens, guided) => checkpoint.predictor(latents, tokens, guided)
  // The reference looks at the first one: one that gives a value for all places is always asked so.
  const isGuess = guessMode || first.network.kind === 'pooled'
  const { network: whole } = controls.find(({ network }) => network.kind === 'places') ?? first
  return async (latents, tokens, guided) => {
    const network = await checkpoint.predictor(latents, tokens, guided, whole.kind)
    // The unconditional half comes first.
    const isHalf = isGuess && guided
    const pictures = controls.map(({ picture }) => repeatEach(picture, latents[0] * (guided && !isHalf ? 2 : 1)))
    let made = 0
    return async (sample, timestep, conditioning) => {
      const place = made++
      const asked = { sample: firstChannels(sample, channels ?? sample.shape[1]), conditioning, guessMode: isGuess }
      const common = isHalf ? secondHalf(asked) : asked
      const answers: Residuals[] = []
      for (const [k, { network, weight, ...part }] of controls.entries()) {
        if (!isActive(part, place, calls)) continue
        answers.push(await network.answer({ ...common, timestep, picture: pictures[k], weight }))
      }
      // Nothing added is what the reference adds outside a control's part; and it gives values for each place a place to be added to.
      const summed = [...answers, whole.none(common)].reduceRight((sum, answer) => added(sum, answer))
      return network(sample, timestep, { ...conditioning, ...(isHalf ? behindZeros(summed) : summed) })
    }
  }
}

/** Whether a control acts at a call, from 0, as the reference counts it. */
const isActive = ({ start, end }: Pick<Control, 'start' | 'end'>, call: number, calls: number): boolean =>
  call / calls >= start && (call + 1) / calls <= end

/** The sum; values for all places [batch, channels, 1, 1] are added at each place of the first. */
const added = (sum: Residuals, answer: Residuals): Residuals =>
  mapped(sum, (value, name) => combine(value, expanded(answer[name], value), (one, two) => one + two))

function expanded(value: Tensor, like: Tensor): Tensor {
  if (value.data.length === like.data.length) return value
  const plane = like.data.length / value.data.length
  return tensor(
    like.shape,
    Float32Array.from(like.data, (_, i) => value.data[Math.floor(i / plane)]),
  )
}

/** What the picture is pulled towards, alone. */
const secondHalf = <Call extends Pick<ControlCall, 'sample' | 'conditioning'>>(call: Call): Call => ({
  ...call,
  sample: splitBatches(call.sample, 2)[1],
  conditioning: mapped(call.conditioning, value => splitBatches(value, 2)[1]),
})

/** Zeros for what the picture is pulled away from. */
const behindZeros = (residuals: Residuals): Residuals =>
  mapped(residuals, value => joinBatches([tensor(value.shape), value]))

const mapped = (tensors: Conditioning, change: (value: Tensor, name: string) => Tensor): Conditioning =>
  Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, change(value, name)]))
