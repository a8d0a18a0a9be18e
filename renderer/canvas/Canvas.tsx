import { useEffect, useMemo, useRef, useState } from 'react'
import { imagePrompt, named, useEngine } from '../state/engine.ts'
import { useFrameSize } from '../state/form-in-force.ts'
import { useStudio } from '../state/studio.ts'
import { Overlay } from './Overlay.tsx'
import { Pictures } from './Pictures.tsx'
import { type Scene, sceneOf, sizeOfScene } from './scene.ts'
import { useHand } from './use-hand.ts'
import { arrange, useView } from './view.ts'
import type { Insets, Size } from './viewport.ts'

interface Props {
  /** What the floats cover. */
  readonly insets: Insets
}

/** Room between the two pictures of a comparison side by side, as a share of the width. */
const GAP = 0.04
const NO_SIZE = { width: 0, height: 0 }
/** An empty frame takes half of the stage's height: the words below it matter more. */
const EMPTY_SHARE = 0.5

/** The scene that is shown now. */
export function useScene(): Scene {
  const jobs = useEngine(state => state.jobs)
  const progress = useEngine(state => state.progress)
  const queuePaused = useEngine(state => state.queuePaused)
  const studio = useStudio()
  return useMemo(() => sceneOf({ jobs, progress, queuePaused }, studio), [jobs, progress, queuePaused, studio])
}

function describe(scene: Scene, size: Size): string {
  const frame = `frame ${size.width} by ${size.height}`
  switch (scene.kind) {
    case 'picture':
      return `Canvas, ${named(imagePrompt(scene.picture))}, ${frame}`
    case 'results':
      return `Canvas, result: ${named(imagePrompt(scene.picture))}, ${frame}`
    case 'work':
      return `Canvas, a picture is being made, ${frame}`
    case 'stopped':
      return `Canvas, the last run was stopped, ${frame}`
    case 'refused':
      return `Canvas, the last request was not taken, ${frame}`
    default:
      return `Canvas, empty, ${frame}`
  }
}

/** The stage: pictures drawn by Konva, words and handles laid over them. */
export function Canvas({ insets }: Props) {
  const box = useRef<HTMLElement>(null)
  const [stage, setStage] = useState<Size>({ width: 0, height: 0 })
  const scene = useScene()
  const next = useFrameSize() ?? NO_SIZE
  const compare = useStudio(state => state.compare)
  const size = sizeOfScene(scene, next)
  const side = compare === 'side' && scene.kind === 'results' && scene.other !== undefined
  const gap = Math.round(size.width * GAP)
  const width = side ? size.width * 2 + gap : size.width
  const known = next !== NO_SIZE
  const limit = scene.kind === 'empty' ? EMPTY_SHARE : 1
  const view = useView(state => state.view)
  const hand = useHand(box)

  useEffect(() => {
    const element = box.current
    if (element === null) return
    const observer = new ResizeObserver(() => setStage({ width: element.clientWidth, height: element.clientHeight }))
    observer.observe(element)
    return () => observer.disconnect()
  }, [])
  useEffect(() => arrange({ stage }), [stage])
  const { height } = size
  useEffect(() => arrange({ content: { width, height }, insets, limit }), [width, height, insets, limit])

  return (
    <section
      ref={box}
      className="stage"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an application region has keys of its own
      tabIndex={0}
      role="application"
      aria-label={describe(scene, size)}
      data-region="canvas"
      data-scene={scene.kind}
      data-testid="canvas"
      data-panning={hand.panning || undefined}
      {...hand.handlers}
    >
      {stage.width > 0 && <Pictures stage={stage} view={view} scene={scene} size={size} side={side} gap={gap} />}
      {stage.width > 0 && known && <Overlay scene={scene} size={size} side={side} gap={gap} insets={insets} />}
    </section>
  )
}
