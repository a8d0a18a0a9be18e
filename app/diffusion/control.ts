import type { AdapterNetwork } from '../runtime/adapter-network.ts'
import type { Checkpoint } from '../runtime/checkpoint.ts'
import { mapTensors } from '../runtime/conditioning.ts'
import type { ControlCall, ControlNetwork, Residuals } from '../runtime/control-network.ts'
import { combine, mix } from '../tensor/arithmetic.ts'
import { firstChannels, joinBatches, repeatEach, splitBatches } from '../tensor/batches.ts'
import type { ControlMode } from '../tensor/control-modes.ts'
import { type Tensor, tensor } from '../tensor/tensor.ts'

/** A ControlNet (Zhang et al. 2023, arXiv:2302.05543) or a T2I-Adapter (Mou et al. 2023, arXiv:2302.08453) with what it shall hold the picture to. */
export interface Control {
  readonly network: ControlNetwork | AdapterNetwork
  /** [1, channels, height x stride, width x stride] of the latents, in [0, 1]. */
  readonly picture: Tensor
  /** How strongly it acts; 1: as it was trained. */
  readonly weight: number
  /** Of ControlNets; absent: balanced. */
  readonly mode?: ControlMode
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

/** A checkpoint's network with controls beside it, for `guidedNetwork` in the checkpoint's place: what they answer to each call is added
 *  inside the UNet. Several act together: their answers are summed, as the reference's MultiControlNetModel and MultiAdapter do it.
 *  What it opens is for one run, since it counts the calls. */
export function controlledPredictor(
  checkpoint: Pick<Checkpoint, 'predictor'>,
  controls: readonly Control[],
  run: ControlledRun,
): Checkpoint['predictor'] {
  if (controls.length === 0) return (latents, tokens, guided) => checkpoint.predictor(latents, tokens, guided)
  const nets = controls.filter(isOfNet)
  const adapters = controls.filter(isOfAdapter)
  const levels = Math.max(0, ...adapters.map(({ network }) => network.levels))
  return async (latents, tokens, guided) => {
    const whole = nets.find(({ network }) => network.kind === 'places') ?? nets.at(0)
    const network = await checkpoint.predictor(latents, tokens, guided, {
      ...(whole && { control: whole.network.kind }),
      ...(levels > 0 && { features: levels }),
    })
    const batch = latents[0] * (guided ? 2 : 1)
    const fromNets = answersOf(nets, run, batch, guided)
    const fromAdapters = await featuresOf(adapters, run, batch)
    let made = 0
    return async (sample, timestep, conditioning) => {
      const place = made++
      const added = { ...(await fromNets(place, { sample, timestep, conditioning })), ...fromAdapters(place) }
      return network(sample, timestep, { ...conditioning, ...added })
    }
  }
}

/** A control of either kind. */
type ControlOf<Kind> = Control & { readonly network: Kind }
const isOfNet = (control: Control): control is ControlOf<ControlNetwork> => control.network.kind !== 'features'
const isOfAdapter = (control: Control): control is ControlOf<AdapterNetwork> => control.network.kind === 'features'

/** What ControlNets add in a call, from 0. @param batch of the calls: both halves where they are guided */
function answersOf(
  nets: readonly ControlOf<ControlNetwork>[],
  { calls, channels, guessMode }: ControlledRun,
  batch: number,
  guided: boolean,
): (place: number, call: Pick<ControlCall, 'sample' | 'timestep' | 'conditioning'>) => Promise<Residuals> {
  const [first] = nets
  if (first === undefined) return async () => ({})
  // The reference looks at the first one: one that gives a value for all places is always asked so.
  const isGuess = guessMode || first.network.kind === 'pooled'
  const { network: whole } = nets.find(({ network }) => network.kind === 'places') ?? first
  const asked = nets.map(({ mode = 'balanced', picture, ...net }) => {
    // The unconditional half comes first.
    const isHalf = guided && (isGuess || mode === 'control')
    const pictures = repeatEach(picture, isHalf ? batch / 2 : batch)
    return { ...net, isHalf, pictures, falls: isGuess || mode !== 'balanced' }
  })
  return async (place, { sample, timestep, conditioning }) => {
    const both = { sample: firstChannels(sample, channels ?? sample.shape[1]), conditioning }
    const answers: Residuals[] = []
    for (const { network, weight, isHalf, pictures, falls, ...part } of asked) {
      if (!isActive(part, place, calls)) continue
      const call = { ...(isHalf ? secondHalf(both) : both), guessMode: falls, timestep, picture: pictures, weight }
      const answer = await network.answer(call)
      answers.push(isHalf ? behindZeros(answer) : answer)
    }
    if (answers.length === 1 && nets.every(({ network }) => network.kind === 'places')) return answers[0]
    // Nothing added is what the reference adds outside a control's part; and it gives values for each place a place to be added to.
    const none = whole.none({ ...both, guessMode: isGuess })
    return [...answers, none].reduceRight((sum, answer) => added(sum, answer))
  }
}

/** What T2I-Adapters add in a call, from 0: each is asked once, for one picture. */
async function featuresOf(
  adapters: readonly ControlOf<AdapterNetwork>[],
  { calls }: ControlledRun,
  batch: number,
): Promise<(place: number) => Residuals> {
  const given: Residuals[] = []
  for (const { network, picture } of adapters) given.push(await network.features(picture))
  const names = [...new Set(given.flatMap(Object.keys))]
  const sumAt = (name: string, place: number): Tensor => {
    const terms = given.flatMap((values, k) => {
      if (values[name] === undefined) return []
      const weight = isActive(adapters[k], place, calls) ? adapters[k].weight : 0
      return [[weight, values[name]] as const]
    })
    return repeatEach(mix(...terms), batch)
  }
  return place => Object.fromEntries(names.map(name => [name, sumAt(name, place)]))
}

/** Whether a control acts at a call, from 0, as the reference counts it. */
export const isActive = ({ start, end }: Pick<Control, 'start' | 'end'>, call: number, calls: number): boolean =>
  call / calls >= start && (call + 1) / calls <= end

/** The sum; values for all places [batch, channels, 1, 1] are added at each place of the first. */
const added = (sum: Residuals, answer: Residuals): Residuals =>
  mapTensors(sum, (value, name) => combine(value, expanded(answer[name], value), (one, two) => one + two))

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
  conditioning: mapTensors(call.conditioning, value => splitBatches(value, 2)[1]),
})

/** Zeros for what the picture is pulled away from. */
const behindZeros = (residuals: Residuals): Residuals =>
  mapTensors(residuals, value => joinBatches([tensor(value.shape), value]))
