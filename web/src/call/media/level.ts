// How loud a track is, measured while somebody looks.

/** Calls back about twenty times a second with 0 (silence) to 1 (loud), until the returned function is called. */
export function measure(track: MediaStreamTrack, heard: (level: number) => void): () => void {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 512;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let shown = 0;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
    // From -60 dB to -10 dB, as an ear would grade it; it rises at once and falls slowly.
    const decibel = 10 * Math.log10(power + 1e-12);
    const level = Math.min(1, Math.max(0, (decibel + 60) / 50));
    shown = Math.max(level, shown * 0.85);
    heard(shown);
  }, 50);
  return () => {
    clearInterval(timer);
    source.disconnect();
    void context.close();
  };
}
