import { useEffect, useMemo, useRef, useState } from 'react'
import type { StudioDocument } from '../../app/api/documents.ts'
import { t } from '../language/language.ts'
import { useDocument } from '../state/document.ts'
import { imagePrompt, named, useEngine } from '../state/engine.ts'
import { useFrameSize } from '../state/form-in-force.ts'
import { useLive } from '../state/live.ts'
import { addInputs } from '../state/runs.ts'
import { useStudio } from '../state/studio.ts'
import { useTools } from '../state/tools.ts'
import { useCanvas } from './actions/canvas-state.ts'
import { canvasInputs } from './actions/inputs.ts'
import { watchMode } from './actions/watch-mode.ts'
import { watchThumbnail } from './actions/watch-thumbnail.ts'
import { Bodies } from './Bodies.tsx'
import { frameInForce, useDocumentInForce } from './document-in-force.ts'
import { Marks } from './Marks.tsx'
import { Overlay } from './Overlay.tsx'
import { Paper } from './Paper.tsx'
import { Pictures } from './Pictures.tsx'
import { PoseFigures } from './PoseFigures.tsx'
import { union } from './raster/rectangle.ts'
import { type Scene, sceneOf, sizeOfScene } from './scene.ts'
import { toolOf } from './tools/index.ts'
import { usePointer } from './use-pointer.ts'
import { arrange, useView } from './view.ts'
import type { Insets, Size } from './viewport.ts'
import { Writing } from './Writing.tsx'

interface Props {
  /** What the floats cover. */
  readonly insets: Insets
}

addInputs(canvasInputs)

/** Room between the two pictures of a comparison side by side, as a share of the width. */
const GAP = 0.04
const NO_SIZE = { width: 0, height: 0 }
/** An empty frame takes half of the stage's height: the words below it matter more. */
const EMPTY_SHARE = 0.5

/** The scene that is shown now. */
export function useScene(): Scene {
  const jobs = useEngine(state => state.jobs)
  const operations = useEngine(state => state.operations)
  const progress = useEngine(state => state.progress)
  const queuePaused = useEngine(state => state.queuePaused)
  const layers = useDocument(({ document }) => document?.layers.length)
  const hasLayers = (layers ?? 0) > 0
  const all = useStudio()
  // What was accepted is a layer of the document; without it, it was taken back.
  const studio = useMemo(
    () => (layers === 0 ? { ...all, draft: { ...all.draft, accepted: undefined } } : all),
    [all, layers],
  )
  const isPainting = useLive(state => state.on && state.isPainting)
  return useMemo(
    () => (isPainting ? { kind: 'painted' } : sceneOf({ jobs, operations, progress, queuePaused }, studio, hasLayers)),
    [jobs, operations, progress, queuePaused, studio, hasLayers, isPainting],
  )
}

function describe(scene: Scene, size: Size, { layers }: StudioDocument): string {
  const count = layers.length === 0 ? '' : `, ${t('{count} layers', { count: layers.length })}`
  const frame = t('frame {width} by {height}', { width: size.width, height: size.height }) + count
  switch (scene.kind) {
    case 'picture':
      return t('Canvas, {what}, {frame}', { what: named(imagePrompt(scene.picture)), frame })
    case 'results':
      return t('Canvas, result: {what}, {frame}', { what: named(imagePrompt(scene.picture)), frame })
    case 'work':
      return t('Canvas, a picture is being made, {frame}', { frame })
    case 'stopped':
      return t('Canvas, the last run was stopped, {frame}', { frame })
    case 'refused':
      return t('Canvas, the last request was not taken, {frame}', { frame })
    case 'painted':
      return t('Canvas, {frame}', { frame })
    default:
      return `Canvas, empty, ${frame}`
  }
}

/** Where the frame stands: the document's own; without layers, as large as what is shown in it. */
function useFrame(document: StudioDocument, size: Size) {
  const { frame, layers } = document
  const isEmpty = layers.length === 0
  const { width, height } = size
  return useMemo(
    () => (isEmpty ? { x: 0, y: 0, width, height } : frameInForce(frame, { width, height })),
    [isEmpty, frame, width, height],
  )
}

/** The stage: the document's pixels, pictures in the frame drawn by Konva over them, words and handles over all. */
export function Canvas({ insets }: Props) {
  const box = useRef<HTMLElement>(null)
  const cursor = useRef<HTMLDivElement>(null)
  const [stage, setStage] = useState<Size>({ width: 0, height: 0 })
  const scene = useScene()
  const document = useDocumentInForce()
  const next = useFrameSize() ?? NO_SIZE
  const compare = useStudio(state => state.compare)
  const size = sizeOfScene(scene, next)
  const frame = useFrame(document, size)
  const side = compare === 'side' && scene.kind === 'results' && scene.other !== undefined
  const gap = Math.round(size.width * GAP)
  const known = next !== NO_SIZE
  const limit = scene.kind === 'empty' ? EMPTY_SHARE : 1
  const view = useView(state => state.view)
  const cursorName = useTools(state => toolOf(state.held ?? state.tool).id)
  usePointer(box, cursor)

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setStage({ width: element.clientWidth, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useEffect(() => arrange({ stage }), [stage])
  useEffect(watchMode, [])
  useEffect(watchThumbnail, [])
  const isDragged = useCanvas(state => state.frame !== undefined)
  const { width, height, layers } = document
  const isPaper = layers.length > 0
  useEffect(() => {
    // While the frame is dragged the view holds still.
    if (isDragged) return
    const wide = side ? { ...frame, width: frame.width * (2 + GAP) } : frame
    const content = isPaper ? union(wide, { x: 0, y: 0, width, height }) : wide
    arrange({ content, insets, limit })
  }, [isDragged, isPaper, frame, side, width, height, insets, limit])

  return (
    <section
      ref={box}
      className="stage"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application region has keys of its own
      tabIndex={0}
      role="application"
      aria-label={describe(scene, size, document)}
      data-region="canvas"
      data-scene={scene.kind}
      data-tool={cursorName}
      data-testid="canvas"
    >
      <Paper stage={stage} view={view} document={document} />
      {stage.width > 0 && (
        <Pictures
          stage={stage}
          view={view}
          scene={scene}
          size={size}
          frame={frame}
          side={side}
          gap={gap}
          isCovered={isPaper}
        />
      )}
      {stage.width > 0 && <Marks stage={stage} view={view} />}
      {stage.width > 0 && known && (
        <Overlay scene={scene} size={size} frame={frame} document={document} side={side} gap={gap} insets={insets} />
      )}
      <PoseFigures document={document} view={view} />
      <Bodies document={document} view={view} />
      <Writing document={document} view={view} />
      <div className="brushcur" ref={cursor} aria-hidden="true" />
    </section>
  )
}
