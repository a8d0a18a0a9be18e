import { useEffect, useRef } from 'react'
import { useEngine } from '../state/engine.ts'
import { readDatasets, readPictures, setResolution, useTeach } from '../state/teach.ts'
import { AddFolder } from './AddFolder.tsx'
import { Overview } from './Overview.tsx'
import { PictureDetails } from './PictureDetails.tsx'
import { PictureGrid } from './PictureGrid.tsx'

/** Milliseconds from what the engine tells of a data set to reading its pictures anew; and at least from one reading to the next while a
 *  folder is looked through. */
const [CALM, AGAIN] = [300, 1500]

/** The room where a model is taught: the pictures that it learns from, their words, and what it would see of them. */
export function Teach() {
  const chosen = useTeach(state => state.chosen)
  const dataset = useEngine(state => (chosen === undefined ? undefined : state.datasets[chosen]))
  const lastRead = useRef(0)
  const side = useEngine(state => state.models[0]?.defaults.width)
  useEffect(() => void readDatasets(), [])
  useEffect(() => {
    if (side) setResolution(side)
  }, [side])
  useEffect(() => {
    const since = performance.now() - lastRead.current
    const timer = setTimeout(
      () => {
        lastRead.current = performance.now()
        void readPictures()
      },
      dataset?.progress === undefined ? CALM : Math.max(0, AGAIN - since),
    )
    return () => clearTimeout(timer)
  }, [dataset])
  return (
    <main className="teach" data-testid="teach">
      <h1 className="sr">Teach</h1>
      {dataset === undefined ? (
        <div className="teach-empty">
          <AddFolder title="Pictures to learn from" />
        </div>
      ) : (
        <>
          <aside className="teach-pictures" aria-label="Pictures">
            <PictureGrid dataset={dataset} />
            <PictureDetails />
          </aside>
          <Overview dataset={dataset} />
        </>
      )}
    </main>
  )
}
