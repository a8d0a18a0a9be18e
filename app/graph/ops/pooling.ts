import type { Value } from '../graph.ts'
import { defineOp, shown } from '../op.ts'
import { multiply } from './elementwise.ts'
import { resizeNearest } from './shape.ts'

const averageOfTilesOp = defineOp<{ window: readonly [number, number] }>({
  name: 'AveragePool',
  infer: ([x], { window }) => {
    const [batch, channels, height, width] = x.shape
    if (x.shape.length !== 4 || height % window[0] !== 0 || width % window[1] !== 0)
      throw x.graph.problem(`${shown(x)} cannot be divided into windows of ${window[0]} x ${window[1]}.`)
    return [{ type: x.type, shape: [batch, channels, height / window[0], width / window[1]] }]
  },
  gradient: (step, { window }) => [
    () => {
      const [, , height, width] = step.typeOf(0).shape
      return multiply(resizeNearest(step.gradient, height, width), 1 / (window[0] * window[1]))
    },
  ],
  emit: ({ window }) => ({ kernel_shape: { ints: window }, strides: { ints: window } }),
})
/** The mean of each window of x [batch, channels, height, width]; windows lie side by side: height and width are divided by theirs. */
export const averageOfTiles = (x: Value, window: readonly [number, number]): Value =>
  averageOfTilesOp([x], { window })[0]
