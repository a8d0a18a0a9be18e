import { constant, Graph, type Value } from '../graph/graph.ts'
import type { ControlNetConfig, ControlNetSizes } from '../models/controlnet.ts'
import { controlStrideOf } from '../models/controlnet.ts'
import type { ConditionedSizes } from '../models/unet/conditioned.ts'
import { wantedInputs } from '../models/unet-2d-condition.ts'
import { type ControlNetwork, controlSizes, fedControl, zerosOf } from '../runtime/control-network.ts'
import type { ControlKind } from '../runtime/denoiser.ts'
import type { Network } from '../runtime/network.ts'
import type { Runtime } from '../runtime/runtime.ts'
import type { Feeds } from '../runtime/session.ts'
import type { Training } from '../runtime/trainable.ts'
import { joinBatches } from '../tensor/batches.ts'
import { type Shape, type Tensor, tensor } from '../tensor/tensor.ts'
import { isNewInControlNet } from './new-control-net.ts'
import type { Numbers } from './numbers.ts'

/** Before the names of a ControlNet's inputs and parameters, which has layers of the same names as its UNet. */
export const CONTROL = 'controlnet/'

/** A ControlNet that is trained beside a frozen UNet. */
export interface TrainedControl {
  readonly network: Network<ControlNetConfig, ControlNetSizes>
  /** Whether it was copied from its UNet now: some of its weights are in no file. */
  readonly isNew: boolean
  /** The control picture of an example: [1, channels, height x stride, width x stride] of its latents, in [0, 1]. */
  readonly picture: (index: number, isMirrored: boolean) => Promise<Tensor>
}

/** What is fed instead of read: all of it. */
const trainedOf = (isNew: boolean) => ({ parameters: () => true, ...(isNew && { isNew: isNewInControlNet }) })

const kindOf = ({ network }: Pick<TrainedControl, 'network'>): ControlKind =>
  network.config.global_pool_conditions ? 'pooled' : 'places'

/** Writes the ControlNet into the graph of a loss. @param words what stands for the captions there  @returns what the UNet is given of it, and built for */
export function controlPart(
  training: Training,
  control: TrainedControl,
  sizes: ConditionedSizes,
  words: Readonly<Record<string, Value>> = {},
): { readonly inputs: Readonly<Record<string, Value>>; readonly control: ControlKind } {
  const inputs = training.part({
    ...{ network: control.network, graph: 'control', prefix: CONTROL, trained: trainedOf(control.isNew) },
    sizes: { ...sizes, guessMode: false },
    inputs: { ...words, conditioning_scale: constant(training.graph, 'float32', [1], [1]) },
  })
  return { inputs, control: kindOf(control) }
}

/** What it is fed: the same as the UNet, and the pictures. */
export function fedControlPart({ network }: TrainedControl, feeds: Feeds, pictures: readonly Tensor[]): Feeds {
  const names = ['sample', 'timestep', 'encoder_hidden_states', ...wantedInputs(network.config)]
  const same = names.flatMap(name => (feeds[name] === undefined ? [] : [[`${CONTROL}${name}`, feeds[name]] as const]))
  return { ...Object.fromEntries(same), [`${CONTROL}controlnet_cond`]: joinBatches(pictures) }
}

/** The ControlNet as it is at a moment of its training, for the denoising loop. @param shapes of the parameters, by their names in the loss */
export function trainedControlNetwork(
  runtime: Runtime,
  control: Pick<TrainedControl, 'network' | 'isNew'>,
  shapes: ReadonlyMap<string, Shape>,
): (parameters: Numbers) => ControlNetwork {
  const { network, isNew } = control
  const name = `training's view of a ControlNet ${counter++}`
  const write = (sizes: ControlNetSizes): Graph => {
    const graph = new Graph(runtime.target)
    network.write(graph, 'control', sizes, trainedOf(isNew))
    return graph
  }
  return parameters => ({
    kind: kindOf(control),
    stride: controlStrideOf(network.config),
    channels: network.config.conditioning_channels,
    async answer(call) {
      const sizes = controlSizes(call, 'one')
      const session = await runtime.session(name, JSON.stringify(sizes), () => write(sizes))
      const own = [...parameters].map(([name, data]) => [
        name.slice(CONTROL.length),
        tensor(shapes.get(name) ?? [], data),
      ])
      return session.run({ ...Object.fromEntries(own), ...fedControl(call, network.config) })
    },
    none: call => zerosOf(write(controlSizes(call, 'one'))),
  })
}

/** Tells the sessions of several runs apart. */
let counter = 0
