/** The execution providers that the studio computes on. */
export type Provider = 'cpu' | 'webgpu'

/** How layers are written for one execution provider. Each choice computes the same numbers; they differ in speed and memory. */
export interface Target {
  readonly provider: Provider
  /** fused: com.microsoft.MultiHeadAttention, nothing of size queries x keys is stored. plain: MatMul, Softmax, MatMul. */
  readonly attention: 'fused' | 'plain'
  /** instance: InstanceNormalization over [batch, groups, rest], then scale and shift. mean: ReduceMean of the first two moments. */
  readonly groupNormalization: 'instance' | 'mean'
  /** quick-gelu: com.microsoft.QuickGelu with alpha 1 in one pass. sigmoid: x * Sigmoid(x). */
  readonly silu: 'quick-gelu' | 'sigmoid'
  /** mapped: weights stay pages of their file, shared by all sessions; half precision is cast right before each use.
   *  held: the provider keeps a copy of its own, cast once when a session opens. */
  readonly weights: 'mapped' | 'held'
  /** packed: constant weights of products are laid out for the processor once, when a session opens, in memory of its own instead of their file's pages.
   *  direct: mapped weights stay pages, and each product lays them out for itself. */
  readonly products: 'direct' | 'packed'
  /** Whether linear layers and convolutions can be computed in 8 and 4 bits: those operations are there, and were measured. */
  readonly fewBits: boolean
  /** Rows (tokens of all pictures) that a feed-forward layer takes at once: what is inside of it is eight times as wide, and stays in a CPU's cache
   *  when it is short. */
  readonly rowsAtOnce: number
  /** one: each picture of a batch is drawn by itself, so it is the same to the last bit when it is drawn again alone; on a CPU that costs no
   *  time. many: as many as fit together, which a graphics card needs to be busy; a picture may then differ by a rounding. */
  readonly picturesAtOnce: 'one' | 'many'
  /** The type that is computed with, whatever type the weights are stored in. float16: half the memory and, where a card has it, a shorter time; what
   *  rounding or its largest number (65504) would spoil stays float32 (app/models/layers/half.ts), and so do the graph's inputs and outputs. */
  readonly compute: 'float32' | 'float16'
}

/** THE table of forms. Sources: measurements of every form on both providers; on WebGPU the fused attention gave wrong numbers
 *  (0.03 on a tiny UNet) where the plain form agrees to 3e-5, so it is not used there. Feed-forward layers of 8192 rows of 320 numbers took 208 ms at
 *  once and 129 ms in chunks of 256 to 2048 rows, 2048 rows of 640 took 139 and 120 ms (two cores with AVX-512). */
export const targets: Readonly<Record<Provider, Target>> = {
  cpu: {
    provider: 'cpu',
    attention: 'fused',
    groupNormalization: 'instance',
    silu: 'quick-gelu',
    weights: 'mapped',
    products: 'direct',
    fewBits: true,
    rowsAtOnce: 512,
    picturesAtOnce: 'one',
    compute: 'float32',
  },
  webgpu: {
    provider: 'webgpu',
    attention: 'plain',
    groupNormalization: 'instance',
    silu: 'sigmoid',
    weights: 'held',
    products: 'packed',
    fewBits: false,
    rowsAtOnce: Number.POSITIVE_INFINITY,
    picturesAtOnce: 'many',
    compute: 'float32',
  },
}

/** WebGPU in half precision: where the card can do that and the self-test found it right. */
export const halfTarget: Target = { ...targets.webgpu, compute: 'float16' }
