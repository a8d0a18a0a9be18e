import type { Shape } from '../tensor/tensor.ts'

/** Low-rank factors that are trained beside one layer (Hu et al. 2021, arXiv:2106.09685): W x + scale * B A x. */
export interface TrainedFactors {
  readonly rank: number
  /** alpha / rank */
  readonly scale: number
}

/** What of a network is trained: it is fed as an input of the graph instead of read from the model's file. */
export interface Trained {
  /** Parameters themselves, chosen by state-dict key. */
  readonly parameters?: (key: string, shape: Shape) => boolean
  /** Low-rank factors, by the path of the layer that they stand beside, e.g. `down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q`. */
  readonly factors?: ReadonlyMap<string, TrainedFactors>
  /** Rows behind a stored table: new words of a text encoder. Ids from `first` on mean them. */
  readonly rows?: { readonly key: string; readonly first: number; readonly rows: number; readonly width: number }
}
