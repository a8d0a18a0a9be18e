import { type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { Canvas } from '../canvas/Canvas.tsx'
import type { Insets } from '../canvas/viewport.ts'
import { t } from '../language/language.ts'
import { useDocument } from '../state/document.ts'
import { useStudio } from '../state/studio.ts'
import { type Panel, useUi } from '../state/ui.ts'
import { BodyPresets } from './BodyPresets.tsx'
import { Dock } from './Dock.tsx'
import { Examples } from './Examples.tsx'
import { Guide } from './Guide.tsx'
import { HistoryPanel } from './HistoryPanel.tsx'
import { LayersPanel } from './layers/LayersPanel.tsx'
import { PanelEdge } from './PanelEdge.tsx'
import { PosePresets } from './PosePresets.tsx'
import { Rail } from './Rail.tsx'
import { SettingsPanel } from './SettingsPanel.tsx'
import { Strip } from './Strip.tsx'
import { OptionBar } from './tools/OptionBar.tsx'
import { ToolColumn } from './tools/ToolColumn.tsx'
import { WordsPanel } from './words/WordsPanel.tsx'
import { ZoomControl } from './ZoomControl.tsx'

/** Room over the frame for its label, and under it for the row of words. */
const ABOVE = 86
const BELOW = 46
const BESIDE = 24
/** The column of tools, with the gap at its left. */
const TOOLS = 56

const PANELS: Readonly<Record<Panel, { readonly title: string; readonly content: ReactNode }>> = {
  settings: { title: 'Settings', content: <SettingsPanel /> },
  layers: { title: 'Layers', content: <LayersPanel /> },
  words: { title: 'Words', content: <WordsPanel /> },
  history: { title: 'History', content: <HistoryPanel /> },
}

/** The heights of dock and strip, watched: the frame is fitted into what they leave. The strip's place is kept free even
 *  while it is away, so that the frame does not jump when results arrive. */
function useInsets(floats: React.RefObject<HTMLElement | null>, bare: boolean): Insets {
  const [covered, setCovered] = useState(200)
  useEffect(() => {
    const element = floats.current
    if (element === null) return
    const observer = new ResizeObserver(() => setCovered(element.offsetHeight))
    observer.observe(element)
    return () => observer.disconnect()
  }, [floats])
  return useMemo(
    () =>
      bare
        ? { top: 24, right: 24, bottom: 24, left: 24 }
        : { top: ABOVE, right: BESIDE, bottom: covered + BELOW, left: BESIDE + TOOLS },
    [covered, bare],
  )
}

/** Toasts stand at the lower right of the canvas, over the dock and beside the panel: they cover no button. */
function useToastPlace(covered: number): void {
  const panel = useUi(state => state.panel)
  const width = useUi(state => state.panelWidth)
  useEffect(() => {
    const { style } = document.documentElement
    const beside =
      panel === undefined ? 'var(--rail)' : `calc(var(--rail) + ${width === undefined ? 'var(--panel)' : `${width}px`})`
    style.setProperty('--toast-right', `calc(${beside} + 12px)`)
    style.setProperty('--toast-bottom', `${covered - BELOW + 12}px`)
    return () => {
      style.removeProperty('--toast-right')
      style.removeProperty('--toast-bottom')
    }
  }, [panel, width, covered])
}

/** The room where pictures are made. */
export function Studio() {
  const panel = useUi(state => state.panel)
  const width = useUi(state => state.panelWidth)
  const bare = useUi(state => state.bare)
  const floats = useRef<HTMLDivElement>(null)
  const insets = useInsets(floats, bare)
  useToastPlace(insets.bottom)
  const hasLayers = useDocument(({ document }) => (document?.layers.length ?? 0) > 0)
  const idle = useStudio(({ draft }) => draft.staged.length === 0) && !hasLayers
  return (
    <main className={bare ? 'studio bare' : 'studio'} data-testid="studio">
      <h1 className="sr">{t('Studio')}</h1>
      <div className="stage-box">
        <Canvas insets={insets} />
        {!bare && <ToolColumn />}
        {!bare && <OptionBar />}
        <div className="floats" ref={floats}>
          {idle && <Examples />}
          <Strip />
          <PosePresets />
          <BodyPresets />
          <Dock />
        </div>
        {!bare && <ZoomControl />}
        {!bare && <Guide />}
      </div>
      {panel !== undefined && !bare && (
        <aside className="panel" style={{ width }} aria-label={t(PANELS[panel].title)} data-region="panel">
          <PanelEdge />
          {PANELS[panel].content}
        </aside>
      )}
      {!bare && <Rail />}
    </main>
  )
}
