import type Konva from 'konva'
import { useEffect, useMemo, useRef } from 'react'
import { Circle, Group, Layer, Line, Stage } from 'react-konva'
import { useDocument } from '../state/document.ts'
import { useTools } from '../state/tools.ts'
import { useCanvas } from './actions/canvas-state.ts'
import { cornersNow } from './actions/shaping.ts'
import { outlines } from './painting/outline.ts'
import type { Draft } from './tools/tool.ts'
import { handleAt, sides, type Transforming } from './tools/transforming.ts'
import { useMaskEdges } from './use-mask-edges.ts'
import type { Point, Size, View } from './viewport.ts'

interface Props {
  readonly stage: Size
  readonly view: View
}

/** What stands over the picture without being part of it: the edge of the selection, the line under the hand. Drawn by Konva, and
 *  only while there is something. */
export function Marks({ stage, view }: Props) {
  const selection = useCanvas(state => state.selection)
  const draft = useCanvas(state => state.draft)
  const lines = useMemo(() => outlines(selection), [selection])
  const transforming = useCanvas(state => state.transforming)
  const found = useCanvas(state => state.found)
  const foundLines = useMemo(() => (found === undefined ? [] : outlines(found)), [found])
  const edges = useMaskEdges()
  const corners = useShapeCorners()
  const isEmpty = lines.length + foundLines.length + edges.length + corners.length === 0
  if (isEmpty && draft === undefined && transforming === undefined) return null
  return (
    <Stage width={stage.width} height={stage.height} listening={false} aria-hidden="true" className="marks">
      <Layer listening={false}>
        <Group x={view.x} y={view.y} scaleX={view.scale} scaleY={view.scale}>
          {lines.length > 0 && <Ants lines={lines} />}
          {foundLines.length > 0 && <Ants lines={foundLines} />}
          {edges.length > 0 && <Ants lines={edges} />}
          {transforming !== undefined && <Handles now={transforming} scale={view.scale} />}
          {corners.map((corner, k) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: corners have no names
            <Handle key={k} at={corner} scale={view.scale} />
          ))}
          {draft !== undefined && <Drawn draft={draft} scale={view.scale} />}
        </Group>
      </Layer>
    </Stage>
  )
}

const flat = (points: readonly Point[]): number[] => points.flatMap(({ x, y }) => [x, y])

/** One pixel of the marching edge takes so long; without input it stops. */
const STEP = 120
const PATIENCE = 10_000
const DASH = [5, 4]
const still = () => matchMedia('(prefers-reduced-motion: reduce)').matches

/** The marching edge of the selection: white dashes on a dark line, so that it shows on any picture. */
function Ants({ lines }: { readonly lines: readonly (readonly Point[])[] }) {
  const group = useRef<Konva.Group>(null)
  useEffect(() => {
    if (still()) return
    let touched = performance.now()
    const wake = () => {
      touched = performance.now()
    }
    window.addEventListener('pointermove', wake)
    let offset = 0
    const timer = setInterval(() => {
      if (performance.now() - touched > PATIENCE || document.hidden) return
      offset = (offset + 1) % 9
      for (const line of group.current?.find<Konva.Line>('.ants') ?? []) line.dashOffset(-offset)
    }, STEP)
    return () => {
      clearInterval(timer)
      window.removeEventListener('pointermove', wake)
    }
  }, [])
  return (
    <Group ref={group}>
      {lines.map((line, k) => {
        const points = flat(line)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names
          <Group key={k}>
            <Line points={points} closed stroke="rgb(0 0 0 / 0.65)" strokeWidth={1.5} strokeScaleEnabled={false} />
            <Line
              name="ants"
              points={points}
              closed
              stroke="#fff"
              strokeWidth={1.5}
              dash={DASH}
              strokeScaleEnabled={false}
            />
          </Group>
        )
      })}
    </Group>
  )
}

/** The box of what is transformed, with its handles. */
function Handles({ now, scale }: { readonly now: Transforming; readonly scale: number }) {
  const corners = (
    [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ] as const
  ).map(([across, down]) => handleAt(now, { across, down }))
  const line = { points: flat(corners), closed: true, strokeScaleEnabled: false }
  return (
    <>
      <Line {...line} stroke="rgb(0 0 0 / 0.55)" strokeWidth={3} />
      <Line {...line} stroke="#fff" strokeWidth={1.5} />
      {sides.map(side => (
        <Handle key={`${side.across},${side.down}`} at={handleAt(now, side)} scale={scale} />
      ))}
    </>
  )
}

/** What a hand can take hold of. */
const Handle = ({ at, scale }: { readonly at: Point; readonly scale: number }) => (
  <Circle
    {...at}
    radius={4.5 / scale}
    fill="#fff"
    stroke="rgb(0 0 0 / 0.65)"
    strokeWidth={1.5}
    strokeScaleEnabled={false}
  />
)

/** Corners of the chosen shape, while its tool is in the hand. */
function useShapeCorners(): readonly Point[] {
  const isHeld = useTools(state => state.tool === 'shape')
  const isDrawn = useCanvas(state => state.pending !== undefined)
  useCanvas(state => state.active)
  useCanvas(state => state.preview)
  useDocument(state => state.document)
  return isHeld && !isDrawn ? cornersNow() : []
}

function Drawn({ draft, scale }: { readonly draft: Draft; readonly scale: number }) {
  const under = { stroke: 'rgb(0 0 0 / 0.55)', strokeWidth: 3, strokeScaleEnabled: false }
  const over = { stroke: '#fff', strokeWidth: 1.5, strokeScaleEnabled: false }
  if (draft.type === 'brush') {
    const { at, size, softness } = draft
    return (
      <>
        <Circle {...at} radius={size / 2} {...under} />
        <Circle {...at} radius={size / 2} {...over} />
        <Circle {...at} radius={(size / 2) * (1 - softness / 100)} {...over} dash={[3 / scale, 3 / scale]} />
      </>
    )
  }
  const points = draft.type === 'arrow' ? flat([draft.from, draft.to]) : flat(draft.points)
  const closed = draft.type === 'line' && draft.isClosed
  return (
    <>
      <Line points={points} closed={closed} {...under} />
      <Line points={points} closed={closed} {...over} />
    </>
  )
}
