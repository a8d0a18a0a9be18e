import { joinBatches, repeatEach } from '../tensor/batches.ts'
import type { Tensor } from '../tensor/tensor.ts'

/** What a network is fed beside latents and timestep, by the name of its input, e.g. `encoder_hidden_states`
 *  [batch, tokens, width]. The first axis of each is the batch. */
export type Conditioning = Readonly<Record<string, Tensor>>

/** What a picture is pulled towards and away from. */
export interface GuidanceConditioning {
  /** The prompt. */
  readonly positive: Conditioning
  /** The negative prompt, or what stands for none. Same inputs and shapes. */
  readonly negative: Conditioning
}

/** Joins conditionings of the same inputs to one of a larger batch. */
export const joinConditioning = (parts: readonly Conditioning[]): Conditioning =>
  mapTensors(parts[0], (_, name) => joinBatches(parts.map(part => part[name])))

/** Repeats each member, so that one prompt serves several pictures. */
export const repeatConditioning = (conditioning: Conditioning, times: number): Conditioning =>
  mapTensors(conditioning, tensor => repeatEach(tensor, times))

/** Each input changed by itself. */
export const mapTensors = (
  conditioning: Conditioning,
  change: (tensor: Tensor, name: string) => Tensor,
): Conditioning =>
  Object.fromEntries(Object.entries(conditioning).map(([name, tensor]) => [name, change(tensor, name)]))
