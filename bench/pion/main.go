// A forwarder on Pion, for `bench.forwarding --against pion`: what its users write in an hour.
//
// `forwarder SOCKET HOST` takes the offers of `media_load` as `bench/media_server.py` does. Pion's
// default interceptors are on: NACK, reports, transport-wide feedback.
package main

import (
	"bufio"
	"encoding/json"
	"log"
	"net"
	"os"
	"strings"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/webrtc/v3"
)

type asked struct{ Call, Peer, Offer string }

// A line on which somebody receives.
type line struct {
	sound, picture *webrtc.TrackLocalStaticRTP
}

type person struct {
	connection *webrtc.PeerConnection
	lines      []line
	sources    map[string]int // who is on which of the lines
}

var (
	guard sync.RWMutex
	calls = map[string]map[string]*person{}
)

func main() {
	path, host := os.Args[1], os.Args[2]
	api := newAPI(host)
	listener, err := net.Listen("unix", path)
	must(err)
	for {
		connection, err := listener.Accept()
		must(err)
		go serve(api, connection)
	}
}

func newAPI(host string) *webrtc.API {
	socket, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.ParseIP(host)})
	must(err)
	must(socket.SetReadBuffer(4 << 20))
	settings := webrtc.SettingEngine{}
	settings.SetLite(true)
	settings.SetICEUDPMux(webrtc.NewICEUDPMux(nil, socket))
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	must(settings.SetAnsweringDTLSRole(webrtc.DTLSRoleServer))
	media, interceptors := &webrtc.MediaEngine{}, &interceptor.Registry{}
	must(media.RegisterDefaultCodecs())
	must(webrtc.RegisterDefaultInterceptors(media, interceptors))
	return webrtc.NewAPI(
		webrtc.WithMediaEngine(media),
		webrtc.WithInterceptorRegistry(interceptors),
		webrtc.WithSettingEngine(settings),
	)
}

func serve(api *webrtc.API, connection net.Conn) {
	lines := bufio.NewReaderSize(connection, 1<<20)
	for {
		text, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var one asked
		must(json.Unmarshal(text, &one))
		reply, err := json.Marshal(map[string]string{"answer": answer(api, one)})
		must(err)
		_, err = connection.Write(append(reply, '\n'))
		must(err)
	}
}

func answer(api *webrtc.API, one asked) string {
	connection, err := api.NewPeerConnection(webrtc.Configuration{})
	must(err)
	who := &person{connection: connection, sources: map[string]int{}}
	for range strings.Split(one.Offer, "m=audio ")[1:] {
		who.lines = append(who.lines, line{
			who.receive(webrtc.MimeTypeOpus, "audio"), who.receive(webrtc.MimeTypeVP8, "video"),
		})
	}
	connection.OnTrack(func(track *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		forward(one.Call, one.Peer, track)
	})
	guard.Lock()
	if calls[one.Call] == nil {
		calls[one.Call] = map[string]*person{}
	}
	for name, other := range calls[one.Call] {
		other.sources[one.Peer] = len(other.sources)
		who.sources[name] = len(who.sources)
	}
	calls[one.Call][one.Peer] = who
	guard.Unlock()
	must(connection.SetRemoteDescription(webrtc.SessionDescription{
		Type: webrtc.SDPTypeOffer, SDP: one.Offer,
	}))
	description, err := connection.CreateAnswer(nil)
	must(err)
	gathered := webrtc.GatheringCompletePromise(connection)
	must(connection.SetLocalDescription(description))
	<-gathered
	return connection.LocalDescription().SDP
}

func (who *person) receive(mime, kind string) *webrtc.TrackLocalStaticRTP {
	track, err := webrtc.NewTrackLocalStaticRTP(webrtc.RTPCodecCapability{MimeType: mime}, kind, "far")
	must(err)
	sender, err := who.connection.AddTrack(track)
	must(err)
	go func() { // interceptors see the reports of those who read them
		for report := make([]byte, 1500); ; {
			if _, _, err := sender.Read(report); err != nil {
				return
			}
		}
	}()
	return track
}

func forward(call, from string, track *webrtc.TrackRemote) {
	for {
		packet, _, err := track.ReadRTP()
		if err != nil {
			return
		}
		guard.RLock()
		for name, other := range calls[call] {
			if name == from {
				continue
			}
			to := other.lines[other.sources[from]]
			if track.Kind() == webrtc.RTPCodecTypeAudio {
				_ = to.sound.WriteRTP(packet)
			} else {
				_ = to.picture.WriteRTP(packet)
			}
		}
		guard.RUnlock()
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
