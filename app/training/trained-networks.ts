import type { Trained } from '../models/trained.ts'
import type { TextEncoderName } from '../weights/embedding.ts'

/** The networks of a checkpoint that draws from words of which something can be trained. */
export type TrainedNetwork = 'unet' | TextEncoderName

/** What is trained of them. */
export type TrainedNetworks = Readonly<Partial<Record<TrainedNetwork, Trained>>>

/** What stands before the names of a text encoder's parameters and inputs, e.g. `text_encoder/`; those of the UNet have nothing there. */
export const prefixOf = (network: TrainedNetwork): string => (network === 'unet' ? '' : `${network}/`)

/** Values by parameter of all networks together: those of each network, under the names that they have in it. */
export function byNetwork<Value>(all: ReadonlyMap<string, Value>): (network: string) => ReadonlyMap<string, Value> {
  const networks = Map.groupBy(all, ([name]) => name.slice(0, Math.max(0, name.indexOf('/'))) || 'unet')
  return network =>
    new Map(networks.get(network)?.map(([name, value]) => [name.slice(name.indexOf('/') + 1), value] as const))
}
